import { deepStrictEqual, ok, strictEqual } from "node:assert";
import { afterAll, beforeAll, describe, test } from "vitest";
import { parseAllDocuments } from "yaml";
import type { KubeObject } from "./format.ts";
import type { Order, Outcome } from "./mesh/wire.ts";
import { TableMesh } from "./mesh.ts";

// What is open stays open: streams and connections over changes of the configuration, and over silence.

let mesh: TableMesh;
const urls = [
  "grpc://echo:7070/echo.Echo/Stream",
  "ws://echo/chat",
  "ws://echo:8888/chat",
  "tcp://echo:9000",
  "tcp://echo:3306",
];
const open = new Map<string, string>();
/** Longer than any timeout that a proxy has by default for a minute of silence. */
const silence = 61_000;
let longPoll: Promise<unknown>;
let began = 0;

const order = (url: string, more: Partial<Order> = {}): Order => ({
  ...{ url, method: "GET", headers: {}, timeout: 120_000, messages: 1, keep: false },
  ...more,
});
const objects = (text: string) => parseAllDocuments(text).map((doc) => doc.toJS() as KubeObject);

async function talk(about: string): Promise<void> {
  const heard = await Promise.all(
    [...open].map(async ([url, id]) => [url, await mesh.say("client", id, `${about} `)] as const),
  );
  deepStrictEqual(
    heard,
    [...open.keys()].map((url) => [url, `${about} `]),
  );
}

beforeAll(async () => {
  mesh = await TableMesh.start();
  for (const url of urls) open.set(url, await mesh.open("client", order(url)));
  for (const id of open.values()) await mesh.say("client", id, "hello");
  began = performance.now();
  longPoll = mesh.call("client", order("http://echo/", { headers: { "x-do": JSON.stringify({ delay: 62 }) } }), 1, 1);
});
afterAll(() => mesh?.stop());

describe("while streams are open", () => {
  const changes: readonly (readonly [string, string])[] = [
    [
      "routes of their own service",
      `apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: echo}
spec: {hosts: [echo], http: [{timeout: 1s, headers: {request: {set: {x-new: "1"}}}, route: [{destination: {host: echo}}]}]}`,
    ],
    [
      "where new ones go",
      `apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: echo}
spec: {hosts: [echo], http: [{route: [{destination: {host: pool}}]}]}`,
    ],
    [
      "a policy that lets the caller in",
      `apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: echo}
spec: {selector: {matchLabels: {app: echo}}, rules: [{from: [{source: {principals: [cluster.local/ns/default/sa/client]}}]}]}`,
    ],
    [
      "services beside them",
      `apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: {name: beside}
spec: {hosts: [beside.example.com], ports: [{number: 80, name: http, protocol: HTTP}, {number: 9001, name: tcp, protocol: TCP}], resolution: STATIC, endpoints: [{address: 10.1.2.3}]}
---
apiVersion: v1
kind: Service
metadata: {name: another}
spec: {selector: {app: pool}, ports: [{name: http, port: 80}, {name: tcp, port: 9000}, {name: mysql, port: 3306}]}`,
    ],
    ["nothing any more", ""],
  ];
  let gone: readonly KubeObject[] = [];
  test.each(changes)("a change of %s", async (about, text) => {
    const come = objects(text).filter((o) => o !== null);
    await mesh.change(gone, come);
    gone = come;
    await talk(about);
  });
});

describe("silence", () => {
  test("of more than a minute ends none of them, nor a request that waits so long for its answer", async () => {
    const [answer] = (await longPoll) as [{ status?: number; seconds: number }];
    strictEqual(answer.status, 200, JSON.stringify(answer));
    ok(performance.now() - began > silence);
    await talk("after a minute");
  }, 120_000);

  test("whoever has said all still hears the rest", async () => {
    strictEqual(await mesh.end("client", open.get("tcp://echo:9000") as string), "end");
    open.delete("tcp://echo:9000");
  });
});

describe("servers that count no requests any more, are learned from, and count them again", () => {
  const off = objects(`apiVersion: telemetry.istio.io/v1
kind: Telemetry
metadata: {name: servers, namespace: istio-system}
spec: {metrics: [{overrides: [{match: {metric: ALL_METRICS, mode: SERVER}, disabled: true}]}]}`);
  // Whoever learns has requests read, and the servers' listeners stay as they are.
  const learn = objects(`apiVersion: telemetry.istio.io/v1
kind: Telemetry
metadata: {name: learn}
spec: {selector: {matchLabels: {app: echo}}, accessLogging: [{providers: [{name: weft}]}]}`);
  const slow = { "x-do": JSON.stringify({ delay: 0.05 }) };
  const load: readonly Order[] = [
    order("http://echo/"),
    order("http://echo/", { keep: true, headers: slow }),
    order("http://echo/", { method: "POST", size: 300_000 }),
    order("http2://echo:80/", { keep: true }),
    order("http2://echo:82/", { keep: true, headers: slow }),
    order("grpc://echo:7070/echo.Echo/Call", { keep: true }),
    order("ws://echo/chat"),
  ];
  const isWell = ({ status, grpc }: Outcome) => (status === 200 || status === 101) && (grpc ?? 0) === 0;
  /** What the application sees of its caller, who is told by a server's proxy that reads the request. */
  const caller = async () => {
    const [seen] = await mesh.call("client", order("http://echo/"), 1, 1);
    return seen?.report?.headers["x-forwarded-client-cert"];
  };

  test("lose no request", async () => {
    for (const id of open.values()) await mesh.end("client", id);
    const wrong: unknown[] = [];
    let [calls, over] = [0, false];
    const senders = load.map(async (one) => {
      while (!over) {
        const outcomes = await mesh.call("client", one, 20, 2);
        calls += outcomes.length;
        wrong.push(...outcomes.filter((o) => !isWell(o)).map((o) => ({ url: one.url, ...o })));
      }
    });
    ok((await caller()) !== undefined);
    const states: readonly (readonly [readonly KubeObject[], boolean])[] = [
      [off, false],
      [[...off, ...learn], true],
      [off, false],
      [[], true],
    ];
    let before: readonly KubeObject[] = [];
    for (const [now, told] of states) {
      await mesh.change(
        before.filter((o) => !now.includes(o)),
        now,
      );
      before = now;
      // Until nothing is left of what was before, so that its end is under load too; and who changes before his server may find the old listener.
      await mesh.drained();
      strictEqual((await caller()) !== undefined, told);
    }
    over = true;
    await Promise.all(senders);
    deepStrictEqual(wrong, []);
    ok(calls > 100, `a load: ${calls} requests`);
  }, 120_000);
});
