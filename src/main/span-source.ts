import type { Snapshot } from "../model/snapshot.ts";
import { get } from "../model/snapshot.ts";
import type { Span, SpanSource } from "../model/span.ts";
import { types } from "../model/types.ts";
import { podOwner } from "../plan/registry/workload.ts";
import type { Asking } from "../telemetry/spans/asked.ts";
import { jaegerSource } from "../telemetry/spans/jaeger-source.ts";
import { tempoSource } from "../telemetry/spans/tempo-source.ts";
import { zipkinSource } from "../telemetry/spans/zipkin-source.ts";

const patienceMs = 8000;
const mostBytes = 64_000_000;

/** Somebody's Zipkin, Tempo or Jaeger, `zipkin+http://HOST:9411`, as the store of traces that is asked. Throws for what is no such URL. */
export function spanSource(text: string, snapshot: () => Snapshot): SpanSource {
  const found = /^(zipkin|tempo|jaeger)\+(https?:\/\/[^/?#]+(?:\/[^?#]*)?)$/.exec(text);
  if (found === null || !URL.canParse(found[2] as string)) throw new Error(`"${text}" is no place of traces`);
  const [, kind, url = ""] = found;
  const asking: Asking = { url: url.replace(/\/+$/, ""), get: getJson, ownerOf: (node) => ownerOf(node, snapshot()) };
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

async function getJson(url: string): Promise<unknown> {
  const response = await fetch(url, {
    headers: { accept: "application/json" },
    redirect: "error",
    signal: AbortSignal.timeout(patienceMs),
  });
  if (response.status === 404) {
    await response.body?.cancel();
    return undefined;
  }
  if (!response.ok) throw new Error(`it answered ${response.status}`);
  return JSON.parse(await textOf(response));
}

async function textOf(response: Response): Promise<string> {
  const parts: Uint8Array[] = [];
  let length = 0;
  for await (const part of response.body ?? []) {
    length += part.length;
    if (length > mostBytes) throw new Error("its answer is too long");
    parts.push(part);
  }
  return Buffer.concat(parts).toString("utf8");
}
