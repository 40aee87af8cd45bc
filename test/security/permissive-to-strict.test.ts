import { deepStrictEqual, ok, strictEqual } from "node:assert";
import { afterAll, beforeAll, describe, test } from "vitest";
import type { KubeObject } from "../behaviour/table/format.ts";
import type { Order } from "../behaviour/table/mesh/wire.ts";
import { TableMesh } from "../behaviour/table/mesh.ts";

// From PERMISSIVE to STRICT step by step while the mesh calls itself all the time: of its own calls none fails, and what speaks plaintext is out.

let mesh: TableMesh;
let address = "";
let neighbour = "";
let plaintext = "";

const order = (url: string, more: Partial<Order> = {}): Order => ({
  ...{ url, method: "GET", headers: {}, timeout: 10_000, messages: 1, keep: false },
  ...more,
});
const peers = (namespace: string, name: string, spec: object): KubeObject => ({
  ...{ apiVersion: "security.istio.io/v1", kind: "PeerAuthentication", metadata: { name, namespace }, spec },
});

/** The mesh's own calls, until they are stopped: on new connections and on kept ones, HTTP and bytes. */
function traffic() {
  let stopped = false;
  const urls = ["http://echo/", "http://echo:8888/", "tcp://echo:9000", "http://echo.other/"];
  const failed: string[] = [];
  let good = 0;
  const calls = urls.flatMap((url) =>
    [false, true].map(async (keep) => {
      while (!stopped) {
        for (const one of await mesh.call(
          "client",
          order(url, { keep, ...(url.startsWith("tcp") ? { body: "x" } : {}) }),
          10,
          2,
        )) {
          if (one.status === 200 || (one.status === undefined && one.body === "x")) good++;
          else failed.push(`${url} ${JSON.stringify(one).slice(0, 200)}`);
        }
      }
    }),
  );
  return async () => {
    stopped = true;
    await Promise.all(calls);
    return { failed, good };
  };
}

const outside = async (at: string) => {
  const [one] = await mesh.call("outside", order(`http://${at}:8080/`), 1, 1);
  return one?.status === 200 ? "in" : one?.error === "closed" ? "out" : JSON.stringify(one);
};

let stop: ReturnType<typeof traffic>;
beforeAll(async () => {
  mesh = await TableMesh.start();
  [address, neighbour] = await Promise.all([mesh.ofWorkload("echo-v1"), mesh.ofWorkload("other/echo")]);
  plaintext = await mesh.open("outside", order(`tcp://${address}:9000`));
  strictEqual(await mesh.say("outside", plaintext, "hello"), "hello");
  stop = traffic();
});
afterAll(() => mesh?.stop());

describe("while the mesh calls itself", () => {
  const selector = { matchLabels: { app: "echo", version: "v1" } };
  const steps: readonly (readonly [string, readonly KubeObject[], string, string])[] = [
    ["PERMISSIVE for all", [peers("istio-system", "default", { mtls: { mode: "PERMISSIVE" } })], "in", "in"],
    [
      "STRICT for one port",
      [peers("default", "v1", { selector, portLevelMtls: { 8080: { mode: "STRICT" } } })],
      "out",
      "in",
    ],
    ["STRICT for the workload", [peers("default", "v1", { selector, mtls: { mode: "STRICT" } })], "out", "in"],
    ["STRICT for the namespace", [peers("default", "default", { mtls: { mode: "STRICT" } })], "out", "in"],
    ["STRICT for all", [peers("istio-system", "default", { mtls: { mode: "STRICT" } })], "out", "out"],
  ];
  let there: readonly KubeObject[] = [];
  test.each(steps)("%s", async (_, come, here, beside) => {
    await mesh.change([], come);
    there = [...there, ...come];
    deepStrictEqual([await outside(address), await outside(neighbour)], [here, beside]);
  });

  test("and back", async () => {
    await mesh.change(there, [peers("istio-system", "default", { mtls: { mode: "PERMISSIVE" } })]);
    deepStrictEqual([await outside(address), await outside(neighbour)], ["in", "in"]);
    await mesh.change([], [peers("istio-system", "default", { mtls: { mode: "STRICT" } })]);
    deepStrictEqual([await outside(address), await outside(neighbour)], ["out", "out"]);
  });

  test("none of its calls failed", async () => {
    const { failed, good } = await stop();
    deepStrictEqual(failed.slice(0, 5), []);
    ok(good > 100);
  });
});

test("a connection in plaintext that was there before ends, too", async () => {
  for (;;) {
    const heard = await mesh.say("outside", plaintext, "still there").catch(() => "closed");
    if (heard !== "still there") break;
    await new Promise((next) => setTimeout(next, 500));
  }
}, 90_000);
