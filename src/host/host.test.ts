import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { askAdmin } from "../agent/admin.ts";
import type { Resource } from "../model/resource.ts";
import { logFile, readLog } from "./logs.ts";
import { chooseMode } from "./mode.ts";
import { ask } from "./rig.ts";
import { Bench, call, deployment, freePort, type Made, modes } from "./rig-mesh.ts";

test("this machine allows network namespaces", async () => {
  expect((await chooseMode()).mode).toBe(modes[0]);
});

describe.each(modes)("a mesh on this machine (%s)", (mode) => {
  let bench: Bench;

  beforeAll(async () => {
    bench = new Bench(mode, await freePort());
  });
  beforeEach(() => bench.next());
  afterAll(() => bench.dispose());

  test("Pods have addresses and names, and what they say goes through their proxies", async () => {
    await bench.up(deployment("a", { env: { VERSION: "v1" } }), deployment("b"));
    const first = (await bench.eventually("/")) as {
      host: string;
      peer: string;
      ip: string;
      version: string;
      uid: number;
    };
    const [a, b] = [bench.plane.of("a")[0], bench.plane.of("b")[0]];
    expect(first).toMatchObject({
      host: a?.name,
      ip: a?.status.podIP,
      version: "v1",
      peer: "::ffff:127.0.0.6",
      uid: mode === "netns" ? 0 : expect.any(Number),
    });
    for (const host of [
      "b",
      "b.default",
      "b.default.svc.cluster.local",
      "B.Default.SVC.cluster.local",
      b?.status.podIP ?? "",
    ]) {
      const { text } = (await bench.eventually(call(host))) as { text: string };
      expect(JSON.parse(text)).toMatchObject({ host: b?.name, peer: "::ffff:127.0.0.6" });
    }
    const admin = { path: join(bench.state.runFolder, `${bench.record("a").number.toString(36)}.sock`) };
    const { body } = await askAdmin(admin, "GET", "/stats?filter=downstream_cx_total");
    expect(Number(/listener\.0\.0\.0\.0_15001\.downstream_cx_total: (\d+)/.exec(body)?.[1])).toBeGreaterThanOrEqual(5);
  });

  test("holdApplicationUntilProxyStarts: an application's first call finds its proxy ready", async () => {
    await bench.up(deployment("a", { env: { FIRST_CALL: "http://127.0.0.1:15021/healthz/ready" } }));
    expect(await bench.eventually("/first")).toMatchObject({ status: 200 });
  });

  test("the same application is reached by both loopback addresses of the machine", async () => {
    await bench.up(deployment("a"));
    await bench.eventually("/");
    const found = (await ask(bench.port, "/", "::1")) as { body: { host: string } };
    expect(found.body.host).toBe(bench.plane.of("a")[0]?.name);
  });

  test("an application that calls its own name goes out by its proxy and in by the front door", async () => {
    await bench.up(deployment("a"));
    const { text } = (await bench.eventually(call("a"))) as { text: string };
    // Straight to its own address it is not captured, as in Istio.
    expect(JSON.parse(text)).toMatchObject({ host: bench.plane.of("a")[0]?.name });
  });

  test("names: addresses, wildcards, no such name, no IPv6, and the search list", async () => {
    await bench.up(deployment("a"));
    const ip = bench.plane.of("a")[0]?.status.podIP;
    expect(await bench.eventually("/lookup?name=a")).toEqual([{ address: ip, family: 4 }]);
    expect(await bench.eventually("/resolve?name=a.default.svc.cluster.local&type=A")).toEqual([ip]);
    expect(await bench.eventually("/resolve?name=x.y.example.test&type=A")).toEqual(["10.1.2.3"]);
    expect(await bench.eventually("/resolve?name=a.default.svc.cluster.local&type=AAAA", () => true)).toEqual({
      error: "ENODATA",
    });
    expect(await bench.eventually("/lookup?name=nobody", () => true)).toEqual({ error: "ENOTFOUND" });
    const resolver = (await bench.eventually("/read?file=/etc/resolv.conf")) as string;
    expect(resolver).toBe(
      `search default.svc.cluster.local svc.cluster.local cluster.local\nnameserver ${bench.plane.address}\noptions ndots:5\n`,
    );
  });

  test("environment: literal values, references to the Pod and to a ConfigMap, expansion", async () => {
    const settings: Made = {
      ...deployment("settings"),
      type: "ConfigMap",
      apiVersion: "v1",
      spec: undefined,
      data: { data: { level: "debug" } },
    };
    const env = [
      { name: "LEVEL", valueFrom: { configMapKeyRef: { name: "settings", key: "level" } } },
      { name: "VERSION", value: "$(LEVEL)-1" },
    ];
    await bench.up(settings, deployment("a", { container: { env } }));
    expect(await bench.eventually("/")).toMatchObject({
      level: "debug",
      version: "debug-1",
      node: process.versions.node,
    });
  });

  test("a probe reaches an application whose proxy takes nothing in", async () => {
    await bench.up(deployment("a"), deployment("strict"));
    const refused = await bench.eventually(call("strict"), (_, status) => status === 500);
    expect((refused as { error: string }).error).toMatch(/ECONNRESET|socket hang up/);
  });

  test("an application that does not start is told with its place, and starts once it is mended", async () => {
    bench.plane = bench.start();
    await bench.plane.started();
    bench.plane.order({ objects: [deployment("a", { annotations: { "weft.dev/run": "no-such-program --flag" } })] });
    const finding = await bench.plane.until("a finding", () =>
      bench.plane.diagnostics.find((d) => d.code === "WEFT0704"),
    );
    expect(finding).toMatchObject({
      level: "Error",
      about: { type: "Deployment.apps", namespace: "default", name: "a" },
    });
    expect(finding.message).toMatch(/^the application ended with exit code 12[67]$/);
    expect(finding.fix).toMatch(/^check the program in the annotation weft.dev\/run/);
    bench.plane.order({ objects: [deployment("a")] });
    await bench.plane.readyPod("a");
    await bench.plane.until("the finding is gone", () => bench.plane.diagnostics.length === 0 || undefined);
  });

  test("logs of application and proxy are kept apart, and can be followed", async () => {
    await bench.up(deployment("a"));
    await bench.eventually("/say?text=hello-log");
    const { name: pod } = bench.plane.of("a")[0] as Resource;
    const stop = new AbortController();
    let text = "";
    for await (const part of readLog(
      logFile(bench.rig.stateDir(bench.name), { namespace: "default", name: pod }, "application"),
      true,
      stop.signal,
    )) {
      text += part;
      if (!text.includes("hello-log")) continue;
      if (text.includes("second")) stop.abort();
      else await ask(bench.port, "/say?text=second");
    }
    expect(text).toMatch(/^up \nhello-log\nsecond\n/);
    expect(
      readFileSync(logFile(bench.rig.stateDir(bench.name), { namespace: "default", name: pod }, "proxy"), "utf8"),
    ).not.toContain("hello-log");
  });
});
