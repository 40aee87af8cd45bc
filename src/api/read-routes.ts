import type { Store } from "../store/store.ts";
import { accessOf } from "./access.ts";
import { causeOf } from "./causes.ts";
import { configDetail, configObjects } from "./config-list.ts";
import { domainOf } from "./domain.ts";
import type { MeasuredEdge } from "./edges.ts";
import { findingsOf } from "./findings.ts";
import { seenThrough } from "./graph/lens.ts";
import { graphAnswer, lensOf } from "./graph-routes.ts";
import { Refusal, sendJson } from "./http/answer.ts";
import type { Events } from "./http/events.ts";
import { type Call, numberOf, type Route } from "./http/route.ts";
import { meshOf } from "./mesh.ts";
import { problemsOf, worstEdges } from "./problems.ts";
import { rosterOf } from "./roster.ts";
import { type SeriesMetric, type SeriesSubject, seriesMetrics, seriesOf, stepFor } from "./series.ts";
import type { MeshState } from "./state.ts";
import type { Traffic } from "./traffic.ts";
import { workloadsOf } from "./workloads.ts";

export interface Readable {
  readonly state: MeshState;
  readonly store: Store;
  readonly traffic: Traffic;
  readonly events: Events;
  readonly now: () => number;
}

/** Seconds that lists and problems look back. */
const usualWindow = 60;
const day = 24 * 60 * 60;

/** The console's contract: everything that reads. */
export function readRoutes(mesh: Readable): Route[] {
  const recent = (): Promise<readonly MeasuredEdge[]> => mesh.traffic.edges(mesh.now(), usualWindow, true);
  const roster = () => rosterOf(mesh.state);
  const get = (path: string, answer: (call: Call) => unknown): Route => ({
    method: "GET",
    path: `/api/v1/${path}`,
    needs: "sight",
    handle: async (call) => sendJson(call.response, await answer(call)),
  });
  return [
    get("mesh", async () => meshOf(mesh.state, roster(), await recent())),
    get("graph", ({ query }) => graphAnswer(mesh, query)),
    get("workloads", async () => workloadsOf(await recent(), roster())),
    get("config", () => configObjects(mesh.state)),
    get("config/{type}/{namespace}/{name}", ({ params }) => detailAnswer(mesh, params)),
    get("diagnostics", () => findingsOf(mesh.state.diagnostics(), mesh.state.snapshot())),
    get("problems", async () => problemsAnswer(mesh, await recent())),
    get("access", ({ query }) => accessOf(mesh.state, query, mesh.now())),
    get("series", ({ query }) => seriesAnswer(mesh, query)),
    { method: "GET", path: "/api/v1/events", needs: "sight", handle: ({ response }) => mesh.events.serve(response) },
  ];
}

function detailAnswer(mesh: Readable, params: Readonly<Record<string, string>>) {
  const { type = "", namespace = "", name = "" } = params;
  const found = configDetail(mesh.state, { type, namespace: namespace === "-" ? "" : namespace, name });
  if (found) return found;
  const where = namespace === "-" ? name : `${namespace}/${name}`;
  throw new Refusal(404, `there is no ${type} ${where}`, "weft get lists what there is");
}

async function problemsAnswer(mesh: Readable, edges: readonly MeasuredEdge[]) {
  const { error } = mesh.store.state();
  const began = await Promise.all(
    worstEdges(edges).map(async (edge) => [edge.id, await mesh.traffic.since(edge, mesh.now())] as const),
  );
  const since = new Map(began);
  return problemsOf({
    now: mesh.now(),
    edges,
    roster: rosterOf(mesh.state),
    findings: findingsOf(mesh.state.diagnostics(), mesh.state.snapshot()),
    since: (edge) => since.get(edge.id),
    cause: (edge) => causeOf(edge, mesh.state.snapshot(), domainOf(mesh.state)),
    ...(error === undefined ? {} : { historyError: error }),
  });
}

async function seriesAnswer(mesh: Readable, query: URLSearchParams) {
  const subject = subjectOf(query);
  const metric = query.get("metric") ?? "rate";
  if (!(seriesMetrics as readonly string[]).includes(metric)) {
    throw new Refusal(400, `metric: "${metric}" is none`, `use one of ${seriesMetrics.join(", ")}`);
  }
  const now = mesh.now();
  const to = numberOf(query, "to", { min: 0, max: now + day * 1000, fallback: now });
  const from = numberOf(query, "from", { min: 0, max: to - 1, fallback: Math.max(0, to - 15 * 60_000) });
  const seconds = numberOf(query, "step", { min: 1, max: day, fallback: Math.max(5, (to - from) / 60_000) });
  const step = stepFor(to - from, seconds * 1000);
  const aligned = { from: Math.floor(from / step) * step, to: Math.ceil(to / step) * step };
  const steps = await mesh.traffic.steps(subject, aligned.from, aligned.to, step);
  const lens = lensOf(query);
  const roster = rosterOf(mesh.state);
  const see = (edges: readonly MeasuredEdge[]) => seenThrough(lens, edges, roster).edges;
  return seriesOf(steps, subject, metric as SeriesMetric, { live: to >= now - step, see });
}

function subjectOf(query: URLSearchParams): SeriesSubject {
  const node = query.get("node");
  const edge = query.get("edge");
  if (node) return { node };
  if (edge) return { edge };
  throw new Refusal(400, "a series is of a node or an edge", "add ?node=ID or ?edge=ID, with an id of the graph");
}
