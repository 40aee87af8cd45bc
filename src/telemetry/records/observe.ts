import type { AccessDestination, AccessSource } from "../../model/access.ts";
import type { Observed } from "../../model/observed.ts";
import { sourceOf } from "./book.ts";
import type { AccessRecord } from "./record.ts";

/** Longest text that is kept of a request. */
const longest = 512;

/** A record as those see it who look at single requests; undefined for one that goes on. */
export function observe(
  destination: AccessDestination & { readonly pod: string },
  record: AccessRecord,
  workload: (address: string) => string | undefined,
): Observed | undefined {
  const { kind, protocol, more, code, method, path, host, identity, tls } = record;
  if (kind !== "ended" && kind !== "unmatched") return undefined;
  const { grpc, query, version, details, failure, requestId, userAgent, durationMs, upstream } = more;
  const { app } = destination.labels;
  const kept = {
    ...{ durationMs, method, code, query, version, details, failure, requestId, userAgent },
    path: path?.slice(0, longest),
    host: host?.slice(0, longest),
    grpcStatus: grpc?.status,
    upstream: upstream?.split("|").at(-1),
  };
  return {
    ...{ at: endOf(record), port: record.port, mtls: tls && identity !== undefined, flags: more.flags },
    source: callerOf(record, workload),
    destination: {
      namespace: destination.namespace,
      workload: destination.workload,
      ...(app === undefined ? {} : { app }),
      pod: destination.pod,
    },
    protocol: grpc === undefined ? protocol : "grpc",
    ...decided(record),
    ...{ requestBytes: more.requestBytes, responseBytes: more.responseBytes },
    ...(Object.fromEntries(Object.entries(kept).filter(([, value]) => value !== undefined)) as Partial<Observed>),
  };
}

/** When it ended by the proxy's clock, where that is near ours: records come up to a second later, many at once. */
function endOf({ at, more: { startedAt, durationMs } }: AccessRecord): number {
  const end = startedAt === undefined || durationMs === undefined ? at : Math.round(startedAt + durationMs);
  return Math.abs(at - end) < aMinute ? end : at;
}

const aMinute = 60_000;

/** All that is known of the caller: the certificate says whose account it is, the address which workload. */
function callerOf(record: AccessRecord, workload: (address: string) => string | undefined): AccessSource {
  const { identity: _, ...bare } = record;
  return { ...sourceOf(bare, workload), ...sourceOf(record, workload) };
}

function decided({ kind, badToken, denied, wouldDeny }: AccessRecord): Pick<Observed, "verdict" | "policy"> {
  if (kind === "unmatched") return { verdict: "unmatched" };
  if (badToken === true) return { verdict: "unauthenticated" };
  const by = denied ?? wouldDeny;
  if (by === undefined) return { verdict: "allowed" };
  return {
    verdict: denied === undefined ? "would-deny" : "denied",
    ...(by.id === "" ? {} : { policy: by.id.slice(0, longest) }),
  };
}
