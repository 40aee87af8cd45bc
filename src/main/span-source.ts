import type { Snapshot } from "../model/snapshot.ts";
import { get } from "../model/snapshot.ts";
import type { Span, SpanSource } from "../model/span.ts";
import { types } from "../model/types.ts";
import { podOwner } from "../plan/registry/workload.ts";
import type { Asking } from "../telemetry/spans/asked.ts";
import { jaegerSource } from "../telemetry/spans/jaeger-source.ts";
import { tempoSource } from "../telemetry/spans/tempo-source.ts";
import { zipkinSource } from "../telemetry/spans/zipkin-source.ts";
import { namedServer } from "./named-server.ts";

/** Somebody's Zipkin, Tempo or Jaeger, `zipkin+http://HOST:9411`, as the store of traces that is asked. Throws for what is no such URL. */
export function spanSource(text: string, snapshot: () => Snapshot): SpanSource {
  const found = /^(zipkin|tempo|jaeger)\+(https?:\/\/[^/?#]+(?:\/[^?#]*)?)$/.exec(text);
  if (found === null || !URL.canParse(found[2] as string)) throw new Error(`"${text}" is no place of traces`);
  const [, kind, address = ""] = found;
  const { url, ask } = namedServer(address);
  const getJson = async (asked: string): Promise<unknown> => {
    const text = await ask(asked);
    return text === undefined ? undefined : JSON.parse(text);
  };
  const asking: Asking = { url, get: getJson, ownerOf: (node) => ownerOf(node, snapshot()) };
  const sources = { zipkin: zipkinSource, tempo: tempoSource, jaeger: jaegerSource };
  return sources[kind as keyof typeof sources](asking);
}

/** The workload of a proxy's Pod, or what that Pod's name says where it is gone. */
function ownerOf(node: string, snapshot: Snapshot): Pick<Span, "namespace" | "workload" | "pod"> | undefined {
  const place = node.split("~")[2] ?? "";
  const dot = place.lastIndexOf(".");
  if (dot < 1) return undefined;
  const [name, namespace] = [place.slice(0, dot), place.slice(dot + 1)];
  const pod = get(snapshot, { type: types.Pod, namespace, name });
  const workload = podOwner(pod ?? { name, labels: {} });
  return { namespace, workload, pod: name };
}
