import { once } from "node:events";
import { setImmediate } from "node:timers/promises";
import type { MeshActions } from "./actions.ts";
import { Refusal } from "./http/answer.ts";
import type { OpenStreams } from "./http/open-streams.ts";
import { type Call, flagOf, numberOf, type Route } from "./http/route.ts";
import { type LineFilter, lineFilterOf } from "./logs/line-filter.ts";
import type { MeshState } from "./state.ts";
import { demand } from "./who/admit.ts";

interface LogsReadable {
  readonly state: MeshState;
  readonly logs: MeshActions["logs"];
  /** Logs that are read now, by all together. */
  readonly streams: OpenStreams;
}

/** Lines that can be asked for from the end: they are kept while they are found. The whole log needs no keeping. */
const mostTail = 100_000;
/** After so many lines others have their turn. */
const turn = 1000;

/** What workloads and their proxies wrote. */
export function logRoutes(mesh: LogsReadable): Route[] {
  return [{ method: "GET", path: "/api/v1/logs/{pod}", needs: "sight", handle: (call) => logsAnswer(mesh, call) }];
}

async function logsAnswer({ state, logs, streams }: LogsReadable, call: Call): Promise<void> {
  const { params, query, response, caller } = call;
  if (logs === undefined) throw new Refusal(501, "this control plane does not offer logs");
  const container = query.get("container") ?? "application";
  if (container !== "application" && container !== "proxy") {
    throw new Refusal(400, `container: "${container}" is none`, "use application or proxy");
  }
  const tail = query.has("tail") ? numberOf(query, "tail", { min: 0, max: mostTail, fallback: 0 }) : undefined;
  const { name, namespace } = podIn(params["pod"] ?? "", query);
  const pod = state.pods().find((one) => one.name === name && (namespace ?? one.namespace) === one.namespace);
  if (pod !== undefined || namespace !== undefined)
    await demand(caller, { what: "logs", namespace: pod?.namespace ?? namespace ?? "" });
  const filter = lineFilterOf(query);
  const aborter = new AbortController();
  response.on("close", () => aborter.abort());
  try {
    streams.take(response);
    const keep = filter && ((line: string) => filter.keeps(line));
    const how = {
      container,
      follow: flagOf(query, "follow"),
      previous: flagOf(query, "previous"),
      tail,
      caller,
      signal: aborter.signal,
      ...(keep && { keep }),
    } as const;
    const lines = await logs({ name, namespace }, how);
    if (lines === undefined) throw notHere(state, params["pod"] ?? "");
    response.writeHead(200, {
      "content-type": "text/plain; charset=utf-8",
      "cache-control": "no-store",
      "x-accel-buffering": "no",
      ...(flagOf(query, "download") ? { "content-disposition": attachment(`${name}-${container}.log`) } : {}),
    });
    response.flushHeaders();
    await send(lines, filter, call, aborter.signal);
  } finally {
    filter?.close();
  }
}

async function send(
  lines: AsyncIterable<string>,
  filter: LineFilter | undefined,
  { response }: Call,
  signal: AbortSignal,
): Promise<void> {
  let count = 0;
  for await (const line of lines) {
    if (signal.aborted) return;
    if (++count % turn === 0) await setImmediate();
    if (filter !== undefined && !filter.keeps(line)) continue;
    if (!response.write(`${line}\n`)) await once(response, "drain", { signal }).catch(() => {});
  }
  response.end();
}

/** `reviews-v1-0.default`, or the name alone beside `?namespace=`. */
function podIn(id: string, query: URLSearchParams): { readonly name: string; readonly namespace: string | undefined } {
  const dot = id.lastIndexOf(".");
  if (query.has("namespace")) return { name: id, namespace: query.get("namespace") ?? "" };
  return dot < 0 ? { name: id, namespace: undefined } : { name: id.slice(0, dot), namespace: id.slice(dot + 1) };
}

function notHere(state: MeshState, id: string): Refusal {
  const pods = state.pods().map((p) => `${p.name}.${p.namespace}`);
  const fix = pods.length > 0 ? `there are ${pods.slice(0, 8).join(", ")}` : "nothing runs yet";
  return new Refusal(404, `no pod ${id} runs here`, fix);
}

/** A file's name cannot end the header or name another folder. */
function attachment(name: string): string {
  return `attachment; filename="${name.replace(/[^\w.-]/g, "_")}"`;
}
