import type { SourceEvent } from "../model/change.ts";
import { get, type Snapshot } from "../model/snapshot.ts";
import { types } from "../model/types.ts";
import { type AdmissionRequest, readReview } from "../operate/admission.ts";
import type { EventMetrics } from "../telemetry/event-metrics.ts";
import type { XdsResource } from "../xds/resource.ts";
import type { ReviewHandler } from "./webhooks.ts";

/** What says where workloads are, and nothing of how they are called. */
const endpoints: ReadonlySet<string> = new Set([types.Pod, types.Endpoints, types.EndpointSlice, types.WorkloadEntry]);

/** Counts what a source tells, before it is taken over. */
export function countEvent(metrics: EventMetrics, snapshot: Snapshot, { changes }: SourceEvent): void {
  let config = false;
  for (const change of changes) {
    const { type } = "put" in change ? change.put : change.remove;
    config ||= !endpoints.has(type);
    if ("remove" in change) metrics.told(type, "delete");
    else metrics.told(type, get(snapshot, change.put) === undefined ? "add" : "update");
  }
  if (changes.length > 0) metrics.triggered(config ? "config" : "endpoint");
}

/** Bytes of the resources of a response. */
export function bytesOf(resources: readonly XdsResource[]): number {
  return resources.reduce((sum, { body }) => sum + body.length, 0);
}

const known: ReadonlySet<string> = new Set(Object.values(types));

interface Answered {
  readonly response?: { readonly allowed?: boolean; readonly patch?: unknown };
}

/** The same handler, whose answers are counted. */
export function countedValidation(handle: ReviewHandler, metrics: EventMetrics): ReviewHandler {
  return counted(handle, ({ kind }, { response }) => {
    // Whoever reaches the port chooses the words: those that nobody knows are one.
    const isKnown = known.has(`${kind.kind}.${kind.group}`) && /^v\d+((alpha|beta)\d+)?$/.test(kind.version);
    metrics.reviewed(isKnown ? kind : { group: "", version: "", kind: "other" }, response?.allowed === true);
  });
}

/** The same for the one that gives Pods their proxies. */
export function countedInjection(handle: ReviewHandler, metrics: EventMetrics): ReviewHandler {
  return counted(handle, (_request, { response }) => {
    if (response?.allowed !== true) metrics.injected("failure");
    else metrics.injected(response.patch === undefined ? "skip" : "success");
  });
}

function counted(handle: ReviewHandler, note: (request: AdmissionRequest, answer: Answered) => void): ReviewHandler {
  return async (body) => {
    const answer = await handle(body);
    const request = readReview(body);
    if (!("fault" in request)) note(request, answer as Answered);
    return answer;
  };
}
