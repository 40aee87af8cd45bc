/** `GET /api/v1/changes`: what was changed through this control plane, the latest first. `POST /api/v1/changes/{id}/undo[?wait=30s]` takes one back. */
export interface ConfigChange {
  readonly id: string;
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly who: string;
  readonly objects: readonly {
    readonly type: string;
    readonly kind: string;
    readonly namespace: string;
    readonly name: string;
    readonly outcome: "created" | "configured" | "deleted";
  }[];
  readonly takenBack: boolean;
}
