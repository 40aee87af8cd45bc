/** `GET /api/v1/events` (text/event-stream): says what to ask for again. */
export interface ChangeEvent {
  readonly topic: "graph" | "workloads" | "config" | "mesh";
  readonly at: number;
}
