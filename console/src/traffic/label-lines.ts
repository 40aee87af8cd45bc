import type { GraphEdge } from "../../../src/api/contract/graph.ts";
import { byteRate, latency, percent, rate } from "../format/quantity.ts";
import type { Kinds, LabelMode } from "./search.ts";
import { labelOf } from "./strength.ts";

/** One line of an edge's label. */
export interface LabelLine {
  readonly text: string;
  readonly tone: "plain" | "quiet" | "failed";
}

/** What stands on an edge: what was asked for; of nothing, its rate with what is worst of it. Empty where there is nothing to say. */
export function labelLines(
  edge: GraphEdge,
  modes: readonly LabelMode[],
  kinds: Kinds,
  share: number,
): readonly LabelLine[] {
  if (modes.length === 0) {
    const { rate: head, below, failed } = labelOf(edge);
    return [
      {
        text: kinds[edge.protocol] === "requests" || edge.protocol === "tcp" ? head : flow(edge, kinds),
        tone: "plain",
      },
      { text: edge.protocol === "tcp" && edge.rate > 0 ? flow(edge, kinds) : below, tone: failed ? "failed" : "quiet" },
    ];
  }
  return modes.flatMap((mode) => lineOf(mode, edge, kinds, share) ?? []);
}

function lineOf(mode: LabelMode, edge: GraphEdge, kinds: Kinds, share: number): LabelLine | undefined {
  const tcp = edge.protocol === "tcp";
  if (mode === "rate") return { text: flow(edge, kinds), tone: "plain" };
  if (mode === "share") return edge.rate > 0 ? { text: percent(share), tone: "quiet" } : undefined;
  if (mode === "request") return bytesLine(edge.bytesReceivedRate, "↑");
  if (mode === "response") return bytesLine(edge.bytesSentRate, "↓");
  if (tcp) return undefined;
  if (mode === "errors")
    return edge.errorShare > 0 ? { text: `${percent(edge.errorShare)} err`, tone: "failed" } : undefined;
  const time = edge[mode];
  return time === undefined ? undefined : { text: `${mode} ${latency(time)}`, tone: "quiet" };
}

function bytesLine(perSecond: number | undefined, arrow: string): LabelLine | undefined {
  return perSecond === undefined ? undefined : { text: `${arrow} ${byteRate(perSecond)}`, tone: "quiet" };
}

/** How much flows, in what the kind of traffic counts. */
function flow(edge: GraphEdge, kinds: Kinds): string {
  const { protocol, bytesSentRate: sent = 0, bytesReceivedRate: received = 0 } = edge;
  if (protocol === "tcp") {
    if (edge.rate <= 0 && edge.open && sent + received === 0) return `${edge.open} open`;
    return byteRate(kinds.tcp === "sent" ? sent : kinds.tcp === "received" ? received : sent + received);
  }
  if (protocol === "http" || kinds.grpc === "requests") return rate(edge.rate);
  const { messagesSentRate: out = 0, messagesReceivedRate: back = 0 } = edge;
  return `${rate(kinds.grpc === "sent" ? out : kinds.grpc === "received" ? back : out + back)} msg`;
}
