import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { alive } from "../agent/process.ts";
import { podFolder } from "./logs.ts";
import { markedProcesses } from "./marks.ts";
import { isReady } from "./rig.ts";
import { Bench, deployment, freePort, modes } from "./rig-mesh.ts";

// Where not even a user namespace is allowed: no capture, an address of the loopback interface each, a proxy that is asked.
let bench: Bench;
beforeAll(async () => {
  bench = new Bench("loopback", await freePort());
});
beforeEach(() => bench.next());
afterAll(() => bench.dispose());

test("applications have addresses of their own, and reach each other through both proxies", async () => {
  expect(modes).not.toContain("loopback");
  await bench.up(deployment("a"), deployment("b"));
  const [a, b] = [bench.plane.of("a")[0], bench.plane.of("b")[0]];
  expect(new Set([a?.status.podIP, b?.status.podIP]).size).toBe(2);
  expect(a?.status.podIP).toMatch(/^127\./);
  expect(await bench.eventually("/")).toMatchObject({ ip: a?.status.podIP });
  const url = encodeURIComponent(`http://${b?.status.podIP}:9080/headers`);
  const seen = (await bench.eventually(`/proxied?url=${url}`)) as Record<string, string>;
  // Envoy adds these on the way out: the request went through the proxy that HTTP_PROXY names.
  expect(seen["x-envoy-expected-rq-timeout-ms"]).toBe("15000");
  const { pods } = bench.state;
  for (const pod of pods) {
    const file = join(podFolder(bench.rig.stateDir(bench.name), pod.namespace, pod.name), "proxy", "bootstrap.json");
    const { node, admin } = JSON.parse(readFileSync(file, "utf8"));
    expect(node.metadata).toMatchObject({
      WEFT_MODE: "loopback",
      INTERCEPTION_MODE: "NONE",
      WEFT_HTTP_PROXY_PORT: 15001,
    });
    expect(node.metadata.WEFT_APP_ADDRESS).not.toBe(node.metadata.INSTANCE_IPS);
    expect(admin.address.pipe.path).toMatch(/\.sock$/);
  }
});

test("the next control plane replaces it whole; stop leaves no process", async () => {
  await bench.up(deployment("a"));
  await bench.eventually("/");
  const { id, pods } = bench.state;
  await bench.plane.kill();
  bench.plane = bench.start();
  await bench.plane.started();
  for (const { proxy, application } of pods)
    expect([proxy, application].map((each) => each && alive(each))).toEqual([false, false]);
  bench.plane.order({ objects: [deployment("a")] });
  expect(isReady(await bench.plane.readyPod("a"))).toBe(true);
  await bench.eventually("/");
  await bench.plane.stop();
  expect(markedProcesses(id)).toEqual([]);
});
