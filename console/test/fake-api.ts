import { randomBytes } from "node:crypto";
import { readFile } from "node:fs/promises";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { extname, join, normalize } from "node:path";
import type { Access } from "../../src/api/contract/access.ts";
import type { ConfigObject } from "../../src/api/contract/config.ts";
import type { ApiError } from "../../src/api/contract/error.ts";
import type { ChangeEvent } from "../../src/api/contract/events.ts";
import type { ConfigFacts } from "../../src/api/contract/facts.ts";
import type { GroupedSeries } from "../../src/api/contract/metrics.ts";
import type { KeptRequests } from "../../src/api/contract/requests.ts";
import type { Series } from "../../src/api/contract/series.ts";
import type { Audit, Session } from "../../src/api/contract/session.ts";
import { contentPolicy } from "../../src/api/http/guard.ts";
import { audited } from "./audited.ts";
import { answerLogs } from "./logged.ts";
import { failingReviews, healthy, quiet } from "./scenarios/bookinfo.ts";
import { codeMeanings } from "./scenarios/codes.ts";
import { folded, huge } from "./scenarios/huge.ts";
import { inventory } from "./scenarios/inventory.ts";
import { empty, large } from "./scenarios/large.ts";
import { many } from "./scenarios/many.ts";
import { proxyConfigOf } from "./scenarios/proxy-config.ts";
import { refused } from "./scenarios/refused.ts";
import { traceOf, tracesOf } from "./scenarios/traces.ts";
import { upkeep } from "./scenarios/upkeep.ts";
import { type Scenario, type World, wave } from "./scenarios/world.ts";
import { followTap } from "./tapped.ts";

export const scenarios: Readonly<Record<string, Scenario>> = {
  healthy,
  quiet,
  failing: failingReviews,
  refused,
  empty,
  large,
  huge,
  many,
};

export interface FakeOptions {
  /** 0: any free port. */
  readonly port: number;
  readonly scenario: Scenario;
  /** Folder of the built console; without it only the API is served. */
  readonly dist?: string;
  /** Where the page hangs, as behind somebody's proxy: `/weft/`. */
  readonly prefix?: string;
  readonly now?: () => number;
}

/** A control plane's HTTP side without a control plane: the contract's answers, made up. */
export class FakeApi {
  readonly #server: Server;
  readonly #streams = new Set<ServerResponse>();
  readonly #options: FakeOptions;
  #scenario: Scenario;
  #away = false;
  /** What the page asked to be changed. */
  readonly posted: { readonly path: string }[] = [];

  constructor(options: FakeOptions) {
    this.#options = options;
    this.#scenario = options.scenario;
    this.#server = createServer((request, response) => void this.#answer(request, response));
  }

  /** @returns the address to open. */
  async listen(): Promise<string> {
    await new Promise<void>((done, fail) => {
      this.#server.once("error", fail);
      this.#server.listen(this.#options.port, "127.0.0.1", done);
    });
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async close(): Promise<void> {
    for (const stream of this.#streams) stream.destroy();
    this.#server.closeAllConnections();
    await new Promise((done) => this.#server.close(done));
  }

  /** Another mesh from now on; says so to whoever listens. */
  become(scenario: Scenario): void {
    this.#scenario = scenario;
    for (const topic of ["mesh", "graph", "workloads", "config"] as const) this.tell(topic);
  }

  /** Away: connections are cut, as a control plane that was killed does it; pages that are already built are still served. */
  away(away: boolean): void {
    this.#away = away;
    if (away) for (const stream of this.#streams) stream.destroy();
  }

  tell(topic: ChangeEvent["topic"]): void {
    const event: ChangeEvent = { topic, at: this.#now() };
    for (const stream of this.#streams) stream.write(`data: ${JSON.stringify(event)}\n\n`);
  }

  #now(): number {
    return (this.#options.now ?? Date.now)();
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { prefix = "/" } = this.#options;
    const path = request.url ?? "/";
    if (!path.startsWith(prefix)) return void response.writeHead(404).end();
    const url = new URL(`/${path.slice(prefix.length)}`, "http://localhost");
    if (!url.pathname.startsWith("/api/")) return this.#page(url.pathname, response);
    if (this.#away) return void request.socket.destroy();
    if (url.pathname === "/api/v1/events") return this.#follow(response);
    if (answerLogs(url, request, response)) return;
    if (url.pathname === "/api/v1/tap") return followTap(response, url.searchParams, this.#now());
    if (request.method === "POST") {
      this.posted.push({ path: url.pathname });
      response.writeHead(200, { "content-type": "application/json" }).end("{}");
      return;
    }
    const at = Number(url.searchParams.get("at") ?? this.#now());
    const answer = answerOf(url, this.#scenario(at), this.#now());
    const status = answer === undefined ? 404 : 200;
    const body: unknown = answer ?? ({ error: `${url.pathname}: no such thing here` } satisfies ApiError);
    response.writeHead(status, { "content-type": "application/json", "cache-control": "no-store" });
    response.end(JSON.stringify(body));
  }

  #follow(response: ServerResponse): void {
    response.writeHead(200, { "content-type": "text/event-stream", "cache-control": "no-store" });
    response.write(": hello\n\n");
    this.#streams.add(response);
    response.on("close", () => this.#streams.delete(response));
  }

  async #page(path: string, response: ServerResponse): Promise<void> {
    const { dist } = this.#options;
    if (!dist) return void response.writeHead(404).end();
    const asset = extname(path) in contentTypes && !path.startsWith("/traffic") && !path.startsWith("/config");
    const file = asset ? join(dist, normalize(path)) : join(dist, "index.html");
    const nonce = newNonce();
    try {
      const text = await readFile(file);
      response.writeHead(200, {
        "content-type": contentTypes[extname(file)] ?? "application/octet-stream",
        "content-security-policy": contentPolicy(` 'nonce-${nonce}'`),
      });
      response.end(
        extname(file) === ".html"
          ? text
              .toString()
              .replace('<base href="/"', `<base href="${this.#options.prefix ?? "/"}"`)
              .replace('nonce=""', `nonce="${nonce}"`)
          : text,
      );
    } catch {
      response.writeHead(404).end();
    }
  }
}

/** Of each page, as the control plane makes them. */
const newNonce = () => randomBytes(16).toString("base64url");

const contentTypes: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".svg": "image/svg+xml",
  ".woff2": "font/woff2",
  ".woff": "font/woff",
};

function accessOf(url: URL, world: World, now: number): Access {
  const workload = url.searchParams.get("workload");
  const entries = (world.access ?? []).filter((entry) => entry.destination.workload === workload);
  return { now, since: now - 3_600_000, dropped: { records: 0, messages: 0 }, entries };
}

/** Whoever opens the made-up console is its owner. */
/** A mesh of this machine. */
const facts: ConfigFacts = {
  ...{ namespaces: [], services: [], servicesLeft: 0, workloads: [], gateways: [], gatewayClasses: [] },
  ...({ trustDomain: "cluster.local", rootNamespace: "istio-system", writes: "overlay" } as const),
};

const owner: Session = {
  who: { name: "owner", groups: [], how: "owner", namespaces: "all", operates: true, viewOnly: false },
  logins: [],
  csrf: "fake",
};

function answerOf(url: URL, world: World, at: number): unknown {
  const [, , , head, ...rest] = url.pathname.split("/").map(decodeURIComponent);
  if (head === "session") return owner;
  if (head === "audit") return { records: audited(at) } satisfies Audit;
  if (head === "facts") return facts;
  if (head === "proxies" && rest[1] === "config") return proxyConfigOf(rest[0] ?? "", rest[2] ?? "", url);
  if (head === "requests") return { from: 0, to: at, requests: [] } satisfies KeptRequests;
  if (head === "mesh") return world.mesh;
  if (head === "graph") return graphOf(url, world);
  if (head === "workloads") return world.workloads;
  if (head === "problems") return world.problems;
  if (head === "diagnostics") return [...world.loose, ...world.config.flatMap((c) => c.diagnostics)];
  if (head === "series") return seriesOf(url, world, at);
  if (head === "metrics") return metricsOf(url, world, at);
  const list = inventory[head ?? ""] ?? upkeep[head ?? ""];
  if (list) return list(world);
  if (head === "traces") return tracesAnswer(url, world, rest[0]);
  if (head === "access") return accessOf(url, world, at);
  if (head === "references") return { uses: [], usedBy: [] };
  if (head === "codes") return codeMeanings[rest[0] ?? ""];
  if (head !== "config") return undefined;
  if (rest.length === 0) return world.config.map(({ yaml: _, ...object }): ConfigObject => object);
  const [type, namespace, name] = rest;
  return world.config.find((c) => c.type === type && (c.namespace || "-") === namespace && c.name === name);
}

/** Traces are the sample's, of any time, where there is traffic at all. */
function tracesAnswer(url: URL, world: World, id: string | undefined): unknown {
  if (id !== undefined) return traceOf(id);
  const list = tracesOf(url);
  return world.graph.edges.some((e) => e.rate > 0) ? list : { ...list, traces: [] };
}

function graphOf(url: URL, world: World): World["graph"] {
  const chosen = url.searchParams.get("namespaces")?.split(",");
  if (!chosen) return folded(world.graph, url.searchParams.get("expand")?.split(",") ?? []);
  const inside = new Set(world.graph.nodes.filter((n) => chosen.includes(n.namespace)).map((n) => n.id));
  const edges = world.graph.edges.filter((e) => inside.has(e.source) || inside.has(e.target));
  const seen = new Set([...inside, ...edges.flatMap((e) => [e.source, e.target])]);
  return { ...world.graph, edges, nodes: world.graph.nodes.filter((n) => seen.has(n.id)) };
}

const units: Readonly<Record<string, string>> = {
  rate: "/s",
  errors: "share",
  p50: "ms",
  p95: "ms",
  p99: "ms",
  bytes: "B/s",
};

function metricsOf(url: URL, world: World, at: number): GroupedSeries {
  const query = (name: string) => url.searchParams.get(name) ?? "";
  const nodes = query("nodes").split(",");
  const end = query("direction") === "outbound" ? "source" : "target";
  const edges = world.graph.edges.filter((e) => (query("host") ? e.service === query("host") : nodes.includes(e[end])));
  const names = query("by") === "code" ? [...new Set(edges.flatMap((e) => Object.keys(e.codes)))] : ["all"];
  const middle = (name: string) => {
    if (query("metric") === "rate")
      return edges.reduce((n, e) => n + (name === "all" ? e.rate : (e.codes[name] ?? 0)), 0);
    if (query("metric") === "errors") return Math.max(0, ...edges.map((e) => e.errorShare));
    return query("metric") === "bytes" ? 40_000 : Math.max(0, ...edges.map((e) => e.p95 ?? 0));
  };
  const points = (name: string) => {
    const all: [number, number][] = [];
    for (let t = Number(query("from")); t <= at; t += 5000)
      all.push([t, wave(`${name}${query("metric")}`, t, middle(name))]);
    return all;
  };
  return { unit: "", more: 0, groups: names.map((name) => ({ name, points: points(name) })) };
}

function seriesOf(url: URL, world: World, at: number): Series | undefined {
  const query = (name: string) => url.searchParams.get(name) ?? "";
  const edges = world.graph.edges.filter(
    (e) =>
      e.id === query("edge") ||
      e.target === query("node") ||
      (query("node") && e.source === query("node") && !world.graph.edges.some((x) => x.target === query("node"))),
  );
  const metric = query("metric");
  const unit = units[metric];
  if (!unit) return undefined;
  const rate = edges.reduce((sum, e) => sum + e.rate, 0);
  const worst = (of: "p50" | "p95" | "p99") => Math.max(0, ...edges.map((e) => e[of] ?? 0));
  const middles: Readonly<Record<string, number>> = {
    rate,
    errors: rate > 0 ? edges.reduce((sum, e) => sum + e.rate * e.errorShare, 0) / rate : 0,
    p50: worst("p50"),
    p95: worst("p95"),
    p99: worst("p99"),
    bytes: edges.reduce((sum, e) => sum + (e.bytesReceivedRate ?? 0), 0),
  };
  const step = Number(query("step")) * 1000;
  const points: [number, number | null][] = [];
  for (let t = Number(query("from")); t <= Math.min(at, Number(query("to"))); t += step) {
    points.push([t, edges.length === 0 ? null : wave(metric, t, middles[metric] ?? 0, metric === "rate" ? 0.1 : 0.25)]);
  }
  return { name: metric, unit, points };
}
