import type { IncomingHttpHeaders } from "node:http";

/**
 * The headers that every application of the sample copies from the request it serves to the requests it makes for it.
 * A sidecar can start a trace, but only the application knows which outgoing call belongs to which incoming one.
 * The list is that of https://istio.io/latest/docs/tasks/observability/distributed-tracing/overview/, plus who is asking.
 */
export const PASSED_ON: readonly string[] = [
  // Envoy's own id: access logs and sampling decisions agree through it.
  "x-request-id",
  // W3C trace context and baggage.
  "traceparent",
  "tracestate",
  "baggage",
  // B3, as one header and as many.
  "b3",
  "x-b3-traceid",
  "x-b3-spanid",
  "x-b3-parentspanid",
  "x-b3-sampled",
  "x-b3-flags",
  // Other tracers that Istio documents.
  "x-ot-span-context",
  "x-cloud-trace-context",
  "grpc-trace-bin",
  "x-datadog-trace-id",
  "x-datadog-parent-id",
  "x-datadog-sampling-priority",
  "sw8",
  // Who is asking: routes match on these.
  "end-user",
  "user-agent",
  "cookie",
  "authorization",
  "jwt",
];

/** The part of a request's headers to send on. Node has already joined repeated headers with a comma. */
export function passOn(incoming: IncomingHttpHeaders): Record<string, string> {
  const outgoing: Record<string, string> = {};
  for (const name of PASSED_ON) {
    const value = incoming[name];
    if (typeof value === "string") outgoing[name] = value;
  }
  return outgoing;
}

/** The id under which this request is found in logs and traces, if the sidecar or the caller gave one. */
export function traceId(incoming: IncomingHttpHeaders): string | undefined {
  const parent = incoming["traceparent"];
  if (typeof parent === "string") {
    const id = parent.split("-")[1];
    if (id !== undefined && /^[0-9a-f]{32}$/.test(id)) return id;
  }
  for (const name of ["x-b3-traceid", "x-request-id"]) {
    const value = incoming[name];
    if (typeof value === "string" && value !== "") return value;
  }
  return undefined;
}
