import { podsOf } from "../api/pods.ts";
import type { Discovery, Peer } from "../discovery/discovery.ts";
import { proxyOfNode } from "../discovery/node.ts";
import type { AccessDestination } from "../model/access.ts";
import type { Observed } from "../model/observed.ts";
import type { Clock } from "../std/clock.ts";
import type { Log } from "../std/log.ts";
import { AccessBook } from "../telemetry/records/book.ts";
import { decodeRecords } from "../telemetry/records/decode.ts";
import { observe } from "../telemetry/records/observe.ts";
import type { AccessRecord } from "../telemetry/records/record.ts";
import type { ClientStreamMethod } from "../xds/client-stream.ts";
import { GRPC } from "../xds/grpc.ts";
import { tellerOf } from "./teller.ts";

const STREAM_ACCESS_LOGS = "/envoy.service.accesslog.v3.AccessLogService/StreamAccessLogs";

/** Messages that are read in a second, of all proxies; each holds what one worker of one proxy gathered in a second. */
const messagesASecond = 400;

export interface AccessRecordsOptions {
  readonly discovery: () => Discovery;
  readonly trustDomain: string;
  readonly clock: Clock;
  readonly log: Log;
  /** Called where a proxy refused a token that newer keys might fit. */
  readonly onBadToken?: () => void;
  /** Told of each request or connection that has ended. */
  readonly onObserved?: (seen: Observed, record: AccessRecord) => void;
}

const unknownTeller = "no Pod or WorkloadEntry of this identity is known by that name";

/** What proxies tell of requests. Each tells of its own workload alone: which that is, its verified identity and its Pod say. */
export function accessRecords(options: AccessRecordsOptions): {
  readonly book: AccessBook;
  readonly method: readonly [string, ClientStreamMethod<Peer>];
} {
  const { clock, log, trustDomain } = options;
  const book = new AccessBook(clock.now());
  const budget = spending(messagesASecond, clock);
  const owners = owning(options.discovery, clock);
  const tellObserved = (destination: AccessDestination & { readonly pod: string }, told: readonly AccessRecord[]) => {
    for (const record of told) {
      const seen = options.onObserved && observe(destination, record, owners);
      if (seen !== undefined) options.onObserved?.(seen, record);
    }
  };
  const method: ClientStreamMethod<Peer> = (peer) => {
    if (peer.identity === undefined)
      return { status: GRPC.unauthenticated, message: "records are taken of verified identities alone" };
    let destination: AccessDestination | undefined;
    let pod = "";
    return (message) => {
      // The first names the node; it is read in any case.
      if (destination !== undefined && !budget()) {
        book.dropped();
        return undefined;
      }
      try {
        const { node, records, badToken } = decodeRecords(message, clock.now());
        if (destination === undefined) {
          if (node === undefined) return { status: GRPC.invalidArgument, message: "the first message has no node" };
          const proxy = proxyOfNode(node, peer, trustDomain);
          if ("refused" in proxy) return { status: GRPC.permissionDenied, message: proxy.refused };
          destination = tellerOf(options.discovery().snapshot, proxy);
          // A Pod may be told of a moment after its proxy came: it asks again.
          if (destination === undefined) return { status: GRPC.unavailable, message: unknownTeller };
          pod = proxy.name;
        }
        book.add(destination, records, owners);
        tellObserved({ ...destination, pod }, records);
        if (badToken) options.onBadToken?.();
        return undefined;
      } catch (error) {
        log.warn("records of a proxy cannot be read", { error: (error as Error).message });
        return { status: GRPC.invalidArgument, message: "that is no message of access logs" };
      }
    };
  };
  return { book, method: [STREAM_ACCESS_LOGS, method] };
}

/** True as often as `rate` a second, with a second's worth at once. */
function spending(rate: number, clock: Clock): () => boolean {
  let left = rate;
  let at = clock.now();
  return () => {
    const now = clock.now();
    left = Math.min(rate, left + ((now - at) * rate) / 1000);
    at = now;
    if (left < 1) return false;
    left--;
    return true;
  };
}

/** Addresses whose owner is remembered. */
const mostOwners = 20_000;

/** Whose an address is, or was: records of a Pod's last requests may come when it is gone. The list is made anew when the mesh changed. */
function owning(discovery: () => Discovery, clock: Clock): (address: string) => string | undefined {
  let known: ReadonlyMap<string, string> = new Map();
  let of: unknown;
  let at = 0;
  return (address) => {
    const { snapshot } = discovery();
    if (of !== snapshot && clock.now() - at > 1000) {
      const now = podsOf(snapshot).flatMap(({ ip, namespace, workload }) =>
        ip === undefined ? [] : [[ip, `${namespace}/${workload}`] as const],
      );
      known = new Map([...(known.size > mostOwners ? [] : known), ...now]);
      of = snapshot;
      at = clock.now();
    }
    return known.get(address);
  };
}
