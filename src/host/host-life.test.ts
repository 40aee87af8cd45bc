import { existsSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { markedProcesses } from "./marks.ts";
import { ask, isReady } from "./rig.ts";
import { Bench, call, deployment, freePort, load, modes, remains } from "./rig-mesh.ts";
import { readState } from "./state.ts";

describe.each(modes)("the life of a mesh on this machine (%s)", (mode) => {
  let bench: Bench;

  beforeAll(async () => {
    bench = new Bench(mode, await freePort());
  });
  beforeEach(() => bench.next());
  afterAll(() => bench.dispose());

  test("a killed Envoy comes back and serves; a killed application too, and its Pod tells it", async () => {
    await bench.up(deployment("a"), deployment("b"));
    await bench.eventually(call("b"));
    const old = bench.record("b");
    process.kill(old.proxy?.pid as number, "SIGKILL");
    await bench.eventually(call("b"), (_, status) => status === 500 || bench.record("b").proxy?.pid !== old.proxy?.pid);
    await bench.eventually(call("b"));
    await bench.plane.until("the Pod tells of the restart", () => bench.restarts("b", "istio-proxy") === 1);
    await bench.eventually(call("b", "/exit?code=3"), () => true);
    await bench.plane.until(
      "the Pod tells of the crash",
      () => bench.restarts("b", "app") === 1 && isReady(bench.plane.of("b")[0] as never),
    );
    await bench.eventually(call("b"));
    expect(bench.plane.of("b")[0]?.name).toBe(old.name);
  });

  test("a new template replaces its Pods one by one, and no request fails", async () => {
    await bench.up(deployment("a", { env: { VERSION: "v1" } }));
    await bench.eventually("/");
    const stop = load(bench.port);
    bench.plane.order({ objects: [deployment("a", { env: { VERSION: "v2" } })] });
    await bench.eventually("/", (body: { version?: string }) => body?.version === "v2");
    await bench.plane.until("the old Pod is gone", () => bench.plane.of("a").length === 1);
    expect(await stop()).toEqual([]);
  });

  test("replicas: up, down, none", async () => {
    await bench.up(deployment("a"));
    const scaled = (replicas: number) => bench.plane.order({ objects: [deployment("a", { spec: { replicas } })] });
    scaled(3);
    await bench.plane.until("three", () => bench.plane.of("a").filter(isReady).length === 3);
    expect(new Set(bench.plane.of("a").map((pod) => pod.status.podIP)).size).toBe(3);
    const hosts = new Set<string>();
    await bench.eventually("/", (body: { host: string }) => hosts.add(body.host).size === 3);
    scaled(1);
    await bench.plane.until("one", () => bench.plane.of("a").length === 1);
    scaled(0);
    await bench.plane.until("none", () => bench.plane.of("a").length === 0);
  });

  test("kill -9 of the control plane under load fails no request; the next one takes the same processes over", async () => {
    await bench.up(deployment("a"), deployment("b"));
    await bench.eventually(call("b"));
    const stop = load(bench.port, call("b"));
    const old = bench.state.pods;
    await bench.plane.kill();
    for (let i = 0; i < 20; i++) expect((await ask(bench.port, call("b"))).status).toBe(200);
    bench.plane = bench.start();
    await bench.plane.started();
    expect([...bench.plane.pods.values()].every(isReady)).toBe(true);
    bench.plane.order({ objects: [deployment("a"), deployment("b")] });
    bench.tellNames();
    for (let i = 0; i < 20; i++) expect((await ask(bench.port, call("b"))).status).toBe(200);
    expect(await stop()).toEqual([]);
    expect(bench.state.pods.map((pod) => [pod.name, pod.holder, pod.proxy, pod.application])).toEqual(
      old.map((pod) => [pod.name, pod.holder, pod.proxy, pod.application]),
    );
    // It is in charge: what ends is started again, though it is not its child.
    process.kill(bench.record("b").application?.pid as number, "SIGKILL");
    await bench.plane.until(
      "the crash is told",
      () => bench.restarts("b", "app") === 1 && isReady(bench.plane.of("b")[0] as never),
    );
    await bench.eventually(call("b"));
  });

  test("what died while no control plane was there is started by the next one", async () => {
    await bench.up(deployment("a"), deployment("b"));
    await bench.plane.kill();
    process.kill(bench.record("b").proxy?.pid as number, "SIGKILL");
    process.kill(bench.record("a").holder?.pid as number, "SIGKILL");
    const old = bench.state.pods.map((pod) => pod.name);
    bench.plane = bench.start();
    await bench.plane.started();
    bench.plane.order({ objects: [deployment("a"), deployment("b")] });
    const [a, b] = await Promise.all([bench.plane.readyPod("a"), bench.plane.readyPod("b")]);
    expect(old).toContain(b.name);
    expect(old).not.toContain(a.name);
    bench.tellNames();
    await bench.eventually(call("b"));
  });

  test("a second control plane on the same folder is refused, and so is a door that is taken", async () => {
    await bench.up(deployment("a"));
    const { id } = bench.state;
    const second = bench.start();
    await expect(second.started()).rejects.toThrow(/a mesh runs here already \(process \d+\); stop it with: weft down/);
    expect((await ask(bench.port, "/")).status).toBe(200);
    await bench.plane.stop();
    const taken = createServer().listen(bench.port, "127.0.0.1");
    try {
      await expect(bench.start().started()).rejects.toThrow(`port ${bench.port} is taken`);
    } finally {
      await new Promise((done) => taken.close(done));
    }
    expect(markedProcesses(id)).toEqual([]);
  });

  test("stop leaves nothing behind", async () => {
    await bench.up(deployment("a"), deployment("b", { spec: { replicas: 2 } }));
    const { id, runFolder, pods } = bench.state;
    await bench.plane.stop();
    expect(markedProcesses(id)).toEqual([]);
    expect(remains(id)).toEqual([]);
    expect(existsSync(runFolder)).toBe(false);
    expect(readState(bench.rig.stateDir(bench.name))).toBeUndefined();
    for (const pod of pods)
      expect(existsSync(join(bench.rig.stateDir(bench.name), "pods", pod.namespace, pod.name, "proxy"))).toBe(false);
  });

  test("weft down takes away what a killed control plane left, and ends one that lives", async () => {
    await bench.up(deployment("a"));
    const { id } = bench.state;
    await bench.plane.kill();
    expect(markedProcesses(id).length).toBeGreaterThan(3);
    const down = [
      "bin/node",
      "-e",
      `import("./src/host/sweep.ts").then(async (m) => console.log(await m.sweep(${JSON.stringify(bench.rig.stateDir(bench.name))})))`,
    ];
    expect(bench.rig.run(down)).toBe("true\n");
    expect(markedProcesses(id)).toEqual([]);
    expect(remains(id)).toEqual([]);
    await bench.up(deployment("a"));
    expect(bench.rig.run(down)).toBe("true\n");
    await bench.plane.until("it has ended", () => bench.plane.process.exitCode !== null);
    expect(markedProcesses(id)).toEqual([]);
    expect(bench.rig.run(down)).toBe("false\n");
  });
});
