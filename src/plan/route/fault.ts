import type { HTTPFaultInjection } from "../../gen/istio/virtual-service.ts";
import { durationMs } from "../mesh.ts";

/** Faults that the client's proxy makes up. */
export interface Fault {
  readonly delay?: { readonly ms: number; readonly percent: number };
  readonly abort?: {
    readonly status: number;
    /** `grpc`: `status` is a gRPC code. */
    readonly protocol: "http" | "grpc";
    readonly percent: number;
  };
}

/** Source: google.golang.org/grpc/codes. */
const grpcCodes = [
  "OK",
  "CANCELLED",
  "UNKNOWN",
  "INVALID_ARGUMENT",
  "DEADLINE_EXCEEDED",
  "NOT_FOUND",
  "ALREADY_EXISTS",
  "PERMISSION_DENIED",
  "RESOURCE_EXHAUSTED",
  "FAILED_PRECONDITION",
  "ABORTED",
  "OUT_OF_RANGE",
  "UNIMPLEMENTED",
  "INTERNAL",
  "UNAVAILABLE",
  "DATA_LOSS",
  "UNAUTHENTICATED",
];

/** Faults of a route; undefined where there is none that a proxy can make (Istio never built exponentialDelay and http2Error). No percentage means 0. */
export function fault(said: HTTPFaultInjection | undefined): Fault | undefined {
  const delay = delayOf(said);
  const abort = abortOf(said);
  if (delay === undefined && abort === undefined) return undefined;
  return { ...(delay ? { delay } : {}), ...(abort ? { abort } : {}) };
}

function delayOf(said: HTTPFaultInjection | undefined): Fault["delay"] {
  const ms = said?.delay?.fixedDelay === undefined ? undefined : durationMs(said.delay.fixedDelay);
  if (ms === undefined || ms <= 0) return undefined;
  const { percentage, percent } = said?.delay ?? {};
  return { ms, percent: percentage === undefined ? (percent ?? 0) : (percentage.value ?? 0) };
}

function abortOf(said: HTTPFaultInjection | undefined): Fault["abort"] {
  const { httpStatus, grpcStatus, percentage } = said?.abort ?? {};
  const percent = percentage?.value ?? 0;
  if (httpStatus !== undefined) return { status: httpStatus, protocol: "http", percent };
  const code = grpcStatus === undefined ? -1 : grpcCodes.indexOf(grpcStatus);
  return code < 0 ? undefined : { status: code, protocol: "grpc", percent };
}
