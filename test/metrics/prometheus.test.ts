import { deepStrictEqual, ok } from "node:assert";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { afterAll, beforeAll, describe, test } from "vitest";
import { edgeMetrics, edgesOf } from "../../src/api/edges.ts";
import { namedServer } from "../../src/main/named-server.ts";
import type { Log } from "../../src/std/log.ts";
import { PrometheusHistory } from "../../src/store/prometheus-history.ts";
import type { Sampled } from "../../src/telemetry/exposition.ts";
import { ExpositionParser } from "../../src/telemetry/parser.ts";
import { ask, log, startPrometheus, stopAll } from "../../src/telemetry/testdata/processes.ts";
import { type KubeObject, readTopic } from "../behaviour/table/format.ts";
import { TableMesh } from "../behaviour/table/mesh.ts";
import { runCase } from "../behaviour/table/run-case.ts";

// A real mesh under load, and a real Prometheus that reads the page of its control plane.

let mesh: TableMesh;
let prometheus: number;
let loading = true;
let load: Promise<void>;

const calls = readTopic(
  "load",
  `
- state: load
  cases:
  - {name: http, call: GET http://echo/, expect: {status: 200}}
  - {name: fails, call: GET http://echo/, do: {status: 500}, expect: {status: 500}}
  - {name: teapot, from: other/client, call: GET http://echo.default/, do: {status: 418}, expect: {status: 418}}
  - {name: grpc, call: grpc://echo:7070/pkg.Service/Method, messages: 3, expect: {grpc: 0}}
  - {name: bytes, call: tcp://echo:9000, body: hello, expect: {body: hello}}
  - {name: between, from: echo-v1, call: GET http://echo/, times: 3, expect: {status: 200}}
  - {name: grpc between, from: echo-v1, call: grpc://echo:7070/pkg.Service/Method, expect: {grpc: 0}}
  - {name: bytes between, from: echo-v1, call: tcp://echo:9000, body: hello, times: 3, expect: {body: hello}}
`,
).states.flatMap(({ cases }) => cases);

/** Configuration that is another each time. */
const routes = (turn: number) =>
  ({
    apiVersion: "networking.istio.io/v1",
    kind: "VirtualService",
    metadata: { name: "echo", namespace: "default" },
    spec: {
      hosts: ["echo"],
      http: [{ timeout: `${100 + (turn % 100)}s`, route: [{ destination: { host: "echo" } }] }],
    },
  }) as unknown as KubeObject;

async function once(name?: string): Promise<void> {
  for (const one of calls.filter((c) => (name === undefined ? c.name !== "teapot" : c.name === name)))
    deepStrictEqual([one.name, await runCase(mesh, one, [])], [one.name, []]);
}

beforeAll(async () => {
  mesh = await TableMesh.start();
  prometheus = await startPrometheus(mesh.port);
  load = (async () => {
    for (let turn = 0; loading; turn++) {
      await once();
      deepStrictEqual([...(await mesh.change([], [routes(turn)]))], []);
    }
  })();
  load.catch(() => {});
});
afterAll(async () => {
  loading = false;
  await load?.catch(() => {});
  await mesh?.stop();
  await stopAll();
});

interface Row {
  readonly metric: Readonly<Record<string, string>>;
  readonly value: readonly [number, string];
}

/** Rows of an instant query. Throws Prometheus' own words where it takes none of it. */
async function query(expr: string): Promise<readonly Row[]> {
  const { body } = await ask(`http://127.0.0.1:${prometheus}/api/v1/query?query=${encodeURIComponent(expr)}`);
  const answer = JSON.parse(body) as { status: string; error?: string; data: { result: readonly Row[] } };
  if (answer.status !== "success") throw new Error(`${expr}\n${answer.error}`);
  return answer.data.result;
}

/** Waits for rows with numbers: what was counted comes by flushes, looks and scrapes. */
async function answered(expr: string): Promise<readonly Row[]> {
  for (;;) {
    const rows = (await query(expr)).filter(({ value }) => value[1] !== "NaN");
    if (rows.length > 0) return rows;
    await Promise.race([pause(250), load.then(() => Promise.reject(new Error("the load ended")))]);
  }
}

const folder = join(import.meta.dirname, "../../dashboards");
const dashboards = readdirSync(folder).filter((name) => name.endsWith(".json"));
const chosen: Readonly<Record<string, string>> = {
  service: "echo.default.svc.cluster.local",
  namespace: "default",
  workload: "echo-v1",
  __rate_interval: "20s",
};

interface Drawn {
  readonly title: string;
  readonly targets?: readonly { readonly refId: string; readonly expr: string }[];
}

describe.each(dashboards)("dashboard %s", (name) => {
  const { panels, templating } = JSON.parse(readFileSync(join(folder, name), "utf8")) as {
    panels: readonly Drawn[];
    templating: { list: readonly { name: string; type: string; definition?: string }[] };
  };
  const queries = panels.flatMap(({ title, targets = [] }) =>
    targets.map(({ refId, expr }) => ({
      title: `${title} ${refId}`,
      expr: expr.replace(/\$(\w+)/g, (_, variable: string) => chosen[variable] ?? `no variable ${variable}`),
    })),
  );

  test.each(queries)("$title has data", async ({ expr }) => void (await answered(expr)));

  test("its variables have the values that are chosen here", async () => {
    for (const { name: variable, definition } of templating.list.filter(({ type }) => type === "query")) {
      const [, series = "", label = ""] = /^label_values\((.*), (\w+)\)$/.exec(definition ?? "") ?? [];
      const expr = `count by (${label}) (${series.replace(/\$(\w+)/g, (_, v: string) => chosen[v] ?? "")})`;
      const found = (await answered(expr)).map(({ metric }) => metric[label]);
      ok(found.includes(chosen[variable]), `${variable}: ${found}`);
    }
  });
});

test("both ends report the same, under Istio's names", async () => {
  const both = async (expr: string) => {
    const rows = await answered(`sum by (reporter) (${expr})`);
    return Object.fromEntries(rows.map(({ metric, value }) => [metric["reporter"], Number(value[1])]));
  };
  for (const metric of [
    "istio_requests_total",
    "istio_request_duration_milliseconds_count",
    "istio_request_bytes_sum",
    "istio_response_bytes_count",
    "istio_request_messages_total",
    "istio_response_messages_total",
    "istio_tcp_connections_opened_total",
    "istio_tcp_connections_closed_total",
    "istio_tcp_sent_bytes_total",
    "istio_tcp_received_bytes_total",
  ]) {
    const found = await both(`${metric}{destination_service="echo.default.svc.cluster.local"}`);
    deepStrictEqual([metric, Object.keys(found).sort()], [metric, ["destination", "source"]]);
    // Flushes of two proxies do not come at once.
    const [source = 0, destination = 0] = [found["source"], found["destination"]];
    ok(Math.abs(source - destination) <= 0.5 * Math.max(source, destination), `${metric}: ${source}, ${destination}`);
  }
});

test("the console's questions of traffic are answered by a Prometheus, too", async () => {
  const warned: string[] = [];
  const quiet: Log = { ...log, warn: (message) => warned.push(message), with: () => quiet };
  const history = new PrometheusHistory({ ...namedServer(`http://127.0.0.1:${prometheus}`), log: quiet });
  await answered('rate(istio_requests_total{source_workload="client"}[20s]) > 0');
  const now = Date.now();
  const edges = edgesOf(await history.totals({ names: edgeMetrics }, now - 30_000, now));
  deepStrictEqual(warned, []);
  const http = edges.find((e) => e.source === "workload/default/client" && e.protocol === "http");
  ok(http && http.rate > 0 && (http.p95 ?? 0) > 0 && http.codes["200"] && http.mtlsShare === 1, JSON.stringify(http));
  const tcp = edges.find((e) => e.source === "workload/default/client" && e.protocol === "tcp");
  ok(tcp && tcp.rate > 0 && (tcp.bytesSentRate ?? 0) > 0, JSON.stringify(tcp));
  const steps = await history.steps({ names: ["istio_requests_total"] }, now - 20_000, now, 5000);
  deepStrictEqual(
    steps.map(({ covered }) => covered),
    [5000, 5000, 5000, 5000],
  );
});

test("a proxy's own page has Istio's names, as a scraper of Pods reads them", async () => {
  const host = await mesh.ofWorkload("client");
  for (;;) {
    const page = (await ask(`http://${host}:15090/stats/prometheus`)).body;
    if (page.includes("istio_requests_total{")) {
      ok(/^# TYPE istio_requests_total counter$/m.test(page) && /^envoy_server_live\{\} 1$/m.test(page));
      ok(!page.includes("envoy_istio_") && page.includes('grpc_response_status="unknown"'));
      ok(!/^istio_.*=""/m.test(page));
      return;
    }
    await pause(250);
  }
});

describe("when the load is over", () => {
  beforeAll(async () => {
    loading = false;
    await load;
  });

  /** Series of a metric on the control plane's page. */
  const series = async (metric: string): Promise<readonly Sampled[]> => {
    const parser = new ExpositionParser();
    parser.push(await mesh.metrics());
    return [...(parser.finish().exposition.get(metric)?.series.values() ?? [])];
  };
  const sum = async (metric: string, labels: Readonly<Record<string, string>>) =>
    (await series(metric))
      .filter((one) => Object.entries(labels).every(([label, value]) => one.labels[label] === value))
      .reduce((total, { value }) => total + value, 0);

  /** Waits until something is there. */
  const there = async <T>(look: () => Promise<T>): Promise<T> => {
    for (;;) {
      const found = await look();
      if (Array.isArray(found) ? found.length > 0 : found) return found;
      await pause(250);
    }
  };

  test("messages of gRPC are all counted, at both ends", async () => {
    const at = { source_workload: "client", request_protocol: "grpc" };
    for (const reporter of ["source", "destination"])
      for (;;) {
        const asked = await sum("istio_requests_total", { ...at, reporter });
        const messages = await sum("istio_request_messages_total", { ...at, reporter });
        const answers = await sum("istio_response_messages_total", { ...at, reporter });
        if (asked > 0 && messages === 3 * asked && answers === asked) break;
        await pause(250);
      }
  });

  test("a Telemetry's labels and what it switches off", async () => {
    const object = {
      apiVersion: "telemetry.istio.io/v1",
      kind: "Telemetry",
      metadata: { name: "mesh", namespace: "istio-system" },
      spec: {
        metrics: [
          {
            overrides: [
              {
                match: { metric: "REQUEST_COUNT", mode: "CLIENT" },
                tagOverrides: {
                  verb: { value: "request.method == 'GET' ? 'reads' : 'writes'" },
                  called: { value: "request.host" },
                  source_principal: { operation: "REMOVE" },
                },
              },
              { match: { metric: "REQUEST_COUNT", mode: "SERVER" }, disabled: true },
            ],
          },
        ],
      },
    } as unknown as KubeObject;
    deepStrictEqual([...(await mesh.change([], [object]))], []);
    const durations = () => sum("istio_request_duration_milliseconds", { reporter: "destination" });
    const of = (reporter: string) => async () =>
      (await series("istio_requests_total")).filter(
        ({ labels }) => labels["reporter"] === reporter && labels["response_code"] === "418",
      );
    const known = await there(durations);
    // From somewhere that called nobody yet: connections outlive a change of listeners, and what is counted on them.
    await once("teapot");
    const [one] = await there(of("source"));
    deepStrictEqual([one?.labels["called"], one?.labels["verb"]], ["echo.default", "reads"]);
    deepStrictEqual(one?.labels["source_principal"], undefined);
    await there(async () => (await durations()) > known);
    deepStrictEqual(await of("destination")(), []);
    const bad = structuredClone(object) as unknown as {
      spec: { metrics: [{ overrides: [{ tagOverrides: object }] }] };
    };
    bad.spec.metrics[0].overrides[0].tagOverrides = { verb: { value: "request.method.lowerAscii()" } };
    const refused = await mesh.change([], [bad as unknown as KubeObject]);
    deepStrictEqual([...refused.keys()], ["telemetry.telemetry.istio.io/mesh"]);
  });
});
