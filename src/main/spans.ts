import { create } from "@bufbuild/protobuf";
import type { Discovery, Peer } from "../discovery/discovery.ts";
import { type NodeRefusal, proxyOfNode } from "../discovery/node.ts";
import { spansPath, workloadHeader } from "../envoy/telemetry/tracing.ts";
import { NodeSchema } from "../gen/envoy/config/core/v3/base_pb.js";
import type { Proxy } from "../model/proxy.ts";
import type { Span } from "../model/span.ts";
import type { Clock } from "../std/clock.ts";
import type { Log } from "../std/log.ts";
import { keeping } from "../telemetry/spans/keeping.ts";
import { readZipkin, type ToldSpan } from "../telemetry/spans/zipkin.ts";
import type { PostMethod } from "../xds/post.ts";
import { tellerOf } from "./teller.ts";

/** Spans that are kept in a second, of all proxies. Of what comes beyond them whole traces are left out. */
const spansASecond = 1000;

export interface SpansOptions {
  readonly discovery: () => Discovery;
  readonly trustDomain: string;
  readonly clock: Clock;
  readonly log: Log;
}

/** What proxies tell of requests that are traced. Each tells of its own workload alone: which that is, its verified identity and its Pod say. */
export interface Spans {
  readonly method: readonly [string, PostMethod<Peer>];
  /** Spans go there from now on; before, nobody keeps them. */
  deliver(to: (spans: readonly Span[]) => void): void;
  /** Spans that there was no room for. */
  readonly dropped: () => number;
}

/** Takes what proxies report of the requests that are traced. */
export function spansTaken({ discovery, trustDomain, clock, log }: SpansOptions): Spans {
  const kept = keeping(spansASecond, clock);
  let deliver: ((spans: readonly Span[]) => void) | undefined;
  let dropped = 0;
  const ownerOf = (peer: Peer, node: string | undefined, workload: string): Owner | number => {
    const proxy = proxyOf(peer, node, workload, trustDomain);
    if (proxy === undefined) return 400;
    if ("refused" in proxy) {
      log.warn("spans refused", { reason: proxy.refused });
      return 403;
    }
    const owner = tellerOf(discovery().snapshot, proxy);
    // A Pod may be told of a moment after its proxy came.
    return owner === undefined ? 503 : { namespace: owner.namespace, workload: owner.workload, pod: proxy.name };
  };
  const method: PostMethod<Peer> = (peer, body, headers) => {
    if (peer.identity === undefined) return 401;
    const told = read(body);
    if (told === undefined) return 400;
    const node = told.find((span) => span.node !== undefined)?.node;
    const owner = ownerOf(peer, node, String(headers[workloadHeader] ?? ""));
    if (typeof owner === "number") return owner;
    const wanted = told.filter((span) => kept(span.trace));
    dropped += told.length - wanted.length;
    if (wanted.length > 0) deliver?.(wanted.map((span) => owned(span, owner)));
    return 202;
  };
  return {
    method: [spansPath, method],
    deliver: (to) => {
      deliver = to;
    },
    dropped: () => dropped,
  };
}

type Owner = Pick<Span, "namespace" | "workload" | "pod">;

/** Who reports: its token is bound to its Pod, or it says so on its spans (of a gateway's not on each). Undefined where neither says it. */
function proxyOf(
  peer: Peer,
  node: string | undefined,
  workload: string,
  trustDomain: string,
): Proxy | NodeRefusal | undefined {
  const bound = peer.pod === undefined ? undefined : `sidecar~~${peer.pod}.${peer.identity?.namespace}~`;
  const id = node ?? bound;
  if (id === undefined) return undefined;
  const proxy = proxyOfNode(create(NodeSchema, { id }), peer, trustDomain);
  return "refused" in proxy || workload === "" ? proxy : { ...proxy, workload };
}

function read(body: Buffer): readonly ToldSpan[] | undefined {
  try {
    return readZipkin(JSON.parse(body.toString("utf8")));
  } catch {
    return undefined;
  }
}

function owned(
  { reporter: _, node: __, ...span }: ToldSpan,
  owner: Pick<Span, "namespace" | "workload" | "pod">,
): Span {
  return { ...span, ...owner };
}
