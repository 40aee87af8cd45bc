import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { askAdmin } from "../agent/admin.ts";
import { processId } from "../agent/process.ts";
import type { Resource } from "../model/resource.ts";
import { logFile, readLog } from "./logs.ts";
import { endMarked, markedProcesses } from "./marks.ts";
import { chooseMode } from "./mode.ts";
import type { Door } from "./options.ts";
import { ask, isReady, makeRig, type Plane, type Rig } from "./rig.ts";
import { type HostState, type Mode, readState } from "./state.ts";

type Made = Omit<Resource, "origin">;

/** A Deployment of the test's application. */
function deployment(
  name: string,
  change: {
    env?: Record<string, string>;
    spec?: object;
    container?: object;
    template?: object;
    annotations?: object;
  } = {},
): Made {
  const env = [
    { name: "POD_IP", valueFrom: { fieldRef: { fieldPath: "status.podIP" } } },
    ...Object.entries(change.env ?? {}).map(([key, value]) => ({ name: key, value })),
  ];
  const container = {
    name: "app",
    ports: [{ name: "http", containerPort: 9080 }],
    env,
    readinessProbe: { httpGet: { path: "/", port: "http" } },
    ...change.container,
  };
  const metadata = {
    labels: { app: name },
    annotations: {
      "weft.dev/run": "node app.mjs",
      "proxy.istio.io/config": "terminationDrainDuration: 2s",
      ...change.annotations,
    },
  };
  const template = { metadata, spec: { serviceAccountName: name, containers: [container], ...change.template } };
  const rest = { labels: {}, annotations: {}, createdAt: 0, generation: 1 };
  return {
    type: "Deployment.apps",
    apiVersion: "apps/v1",
    namespace: "default",
    name,
    ...rest,
    spec: { replicas: 1, template, ...change.spec },
  };
}

const modes: Mode[] = process.getuid?.() === 0 ? ["netns", "userns"] : ["userns"];
/** Ports of this process alone: tests of other processes run beside it. */
const port = 23_100 + (process.pid % 400) * 2;

test("this machine allows network namespaces", async () => {
  expect((await chooseMode()).mode).toBe(modes[0]);
});

describe.each(modes)("a mesh on this machine (%s)", (mode) => {
  let rig: Rig;
  let before: string;
  let plane: Plane;
  let name: string;
  let turn = 0;
  const planes: Plane[] = [];

  beforeAll(() => {
    rig = makeRig(mode);
    before = machine();
  });
  afterAll(() => rig.dispose());
  beforeEach(() => {
    name = `mesh-${turn++}`;
  });
  afterEach(async () => {
    for (const each of planes.splice(0)) await each.stop();
    const state = readState(rig.stateDir(name));
    if (state) endMarked(state.id);
  });

  function start(doors: readonly Door[] = [{ port, to: { labels: { app: "a" }, port: 9080 } }]): Plane {
    const made = rig.start(name, doors);
    planes.push(made);
    return made;
  }

  /** A control plane with these Deployments, when a Pod of each is ready; every workload has a name. */
  async function up(...objects: Made[]): Promise<Plane> {
    plane = start();
    await plane.started();
    plane.order({ objects });
    const deployments = objects.filter((object) => object.type === "Deployment.apps");
    const pods = await Promise.all(deployments.map((object) => plane.readyPod(object.name)));
    tellNames();
    await plane.until("the door leads somewhere", () => true);
    expect(pods.length).toBe(deployments.length);
    return plane;
  }

  function tellNames(): void {
    const names: Record<string, string[]> = {};
    for (const pod of plane.pods.values()) names[`${pod.labels["app"]}.default.svc.cluster.local`] = [pod.status.podIP];
    names["*.example.test"] = ["10.1.2.3"];
    plane.order({ names });
  }

  /** Asks until the answer is as wanted: doors and names follow a Pod's readiness a moment later. */
  async function eventually(path: string, wanted: (body: never, status: number) => boolean): Promise<never> {
    let last: unknown;
    for (const end = Date.now() + 20_000; Date.now() < end; ) {
      const found = await ask(port, path).catch((error: unknown) => void (last = error));
      if (found && wanted(found.body, found.status)) return found.body;
      if (found) last = found;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    throw new Error(`${path}: ${JSON.stringify(last)} ${last}`);
  }

  const state = () => readState(rig.stateDir(name)) as HostState;
  const record = (workload: string) =>
    state().pods.find((pod) => pod.workload === workload) as HostState["pods"][number];
  const call = (host: string, path = "/") => `/get?url=${encodeURIComponent(`http://${host}:9080${path}`)}`;
  const ok = (_: unknown, status: number) => status === 200;

  test("Pods have addresses and names, and what they say goes through their proxies", async () => {
    await up(deployment("a", { env: { VERSION: "v1" } }), deployment("b"));
    const first = (await eventually("/", ok)) as {
      host: string;
      peer: string;
      ip: string;
      version: string;
      uid: number;
    };
    const [a, b] = [plane.of("a")[0], plane.of("b")[0]];
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
      const { text } = (await eventually(call(host), ok)) as { text: string };
      expect(JSON.parse(text)).toMatchObject({ host: b?.name, peer: "::ffff:127.0.0.6" });
    }
    const admin = { path: join(state().runFolder, `${record("a").number.toString(36)}.sock`) };
    const { body } = await askAdmin(admin, "GET", "/stats?filter=downstream_cx_total");
    expect(Number(/listener\.0\.0\.0\.0_15001\.downstream_cx_total: (\d+)/.exec(body)?.[1])).toBeGreaterThanOrEqual(5);
  });

  test("the same application is reached by both loopback addresses of the machine", async () => {
    await up(deployment("a"));
    await eventually("/", ok);
    const found = (await ask(port, "/", "::1")) as { body: { host: string } };
    expect(found.body.host).toBe(plane.of("a")[0]?.name);
  });

  test("an application that calls its own name goes out by its proxy and in by the front door", async () => {
    await up(deployment("a"));
    const { text } = (await eventually(call("a"), ok)) as { text: string };
    // Straight to its own address it is not captured, as in Istio.
    expect(JSON.parse(text)).toMatchObject({ host: plane.of("a")[0]?.name });
  });

  test("names: addresses, wildcards, no such name, no IPv6, and the search list", async () => {
    await up(deployment("a"));
    const ip = plane.of("a")[0]?.status.podIP;
    expect(await eventually("/lookup?name=a", ok)).toEqual([{ address: ip, family: 4 }]);
    expect(await eventually("/resolve?name=a.default.svc.cluster.local&type=A", ok)).toEqual([ip]);
    expect(await eventually("/resolve?name=x.y.example.test&type=A", ok)).toEqual(["10.1.2.3"]);
    expect(await eventually("/resolve?name=a.default.svc.cluster.local&type=AAAA", () => true)).toEqual({
      error: "ENODATA",
    });
    expect(await eventually("/lookup?name=nobody", () => true)).toEqual({ error: "ENOTFOUND" });
    const resolver = (await eventually("/read?file=/etc/resolv.conf", ok)) as string;
    expect(resolver).toBe(
      `search default.svc.cluster.local svc.cluster.local cluster.local\nnameserver ${plane.address}\noptions ndots:5\n`,
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
    await up(settings, deployment("a", { container: { env } }));
    expect(await eventually("/", ok)).toMatchObject({
      level: "debug",
      version: "debug-1",
      node: process.versions.node,
    });
  });

  test("a probe reaches an application whose proxy takes nothing in", async () => {
    await up(deployment("a"), deployment("strict"));
    const refused = await eventually(call("strict"), (_, status) => status === 500);
    expect((refused as { error: string }).error).toMatch(/ECONNRESET|socket hang up/);
  });

  test("a killed Envoy comes back and serves; a killed application too, and its Pod tells it", async () => {
    await up(deployment("a"), deployment("b"));
    await eventually(call("b"), ok);
    const old = record("b");
    process.kill(old.proxy?.pid as number, "SIGKILL");
    await eventually(call("b"), (_, status) => status === 500 || record("b").proxy?.pid !== old.proxy?.pid);
    await eventually(call("b"), ok);
    await plane.until("the Pod tells of the restart", () => count("b", "istio-proxy") === 1);
    await eventually(call("b", "/exit?code=3"), () => true);
    await plane.until(
      "the Pod tells of the crash",
      () => count("b", "app") === 1 && isReady(plane.of("b")[0] as never),
    );
    await eventually(call("b"), ok);
    expect(plane.of("b")[0]?.name).toBe(old.name);
  });

  const count = (workload: string, container: string) =>
    plane.of(workload)[0]?.status.containerStatuses.find((status) => status.name === container)?.restartCount;

  test("an application that does not start is told with its place, and starts once it is mended", async () => {
    plane = start();
    await plane.started();
    plane.order({ objects: [deployment("a", { annotations: { "weft.dev/run": "no-such-program --flag" } })] });
    const finding = await plane.until("a finding", () => plane.diagnostics.find((d) => d.code === "WEFT0704"));
    expect(finding).toMatchObject({
      level: "Error",
      about: { type: "Deployment.apps", namespace: "default", name: "a" },
    });
    expect(finding.message).toMatch(/^the application ended with exit code 12[67]$/);
    expect(finding.fix).toMatch(/^check the program in the annotation weft.dev\/run/);
    plane.order({ objects: [deployment("a")] });
    await plane.readyPod("a");
    await plane.until("the finding is gone", () => plane.diagnostics.length === 0 || undefined);
  });

  test("logs of application and proxy are kept apart, and can be followed", async () => {
    await up(deployment("a"));
    await eventually("/say?text=hello-log", ok);
    const { name: pod } = plane.of("a")[0] as Resource;
    const stop = new AbortController();
    let text = "";
    for await (const part of readLog(
      logFile(rig.stateDir(name), { namespace: "default", name: pod }, "application"),
      true,
      stop.signal,
    )) {
      text += part;
      if (!text.includes("hello-log")) continue;
      if (text.includes("second")) stop.abort();
      else await ask(port, "/say?text=second");
    }
    expect(text).toMatch(/^up \nhello-log\nsecond\n/);
    expect(
      readFileSync(logFile(rig.stateDir(name), { namespace: "default", name: pod }, "proxy"), "utf8"),
    ).not.toContain("hello-log");
  });

  test("a new template replaces its Pods one by one, and no request fails", async () => {
    await up(deployment("a", { env: { VERSION: "v1" } }));
    await eventually("/", ok);
    const stop = load(port);
    plane.order({ objects: [deployment("a", { env: { VERSION: "v2" } })] });
    await eventually("/", (body: { version?: string }) => body?.version === "v2");
    await plane.until("the old Pod is gone", () => plane.of("a").length === 1);
    expect(await stop()).toEqual([]);
  });

  test("replicas: up, down, none", async () => {
    await up(deployment("a"));
    const scaled = (replicas: number) => plane.order({ objects: [deployment("a", { spec: { replicas } })] });
    scaled(3);
    await plane.until("three", () => plane.of("a").filter(isReady).length === 3);
    expect(new Set(plane.of("a").map((pod) => pod.status.podIP)).size).toBe(3);
    const hosts = new Set<string>();
    await eventually("/", (body: { host: string }) => hosts.add(body.host).size === 3);
    scaled(1);
    await plane.until("one", () => plane.of("a").length === 1);
    scaled(0);
    await plane.until("none", () => plane.of("a").length === 0);
  });

  test("kill -9 of the control plane under load fails no request; the next one takes the same processes over", async () => {
    await up(deployment("a"), deployment("b"));
    await eventually(call("b"), ok);
    const stop = load(port, call("b"));
    const old = state().pods;
    await plane.kill();
    for (let i = 0; i < 20; i++) expect((await ask(port, call("b"))).status).toBe(200);
    plane = start();
    await plane.started();
    expect([...plane.pods.values()].every(isReady)).toBe(true);
    plane.order({ objects: [deployment("a"), deployment("b")] });
    tellNames();
    for (let i = 0; i < 20; i++) expect((await ask(port, call("b"))).status).toBe(200);
    expect(await stop()).toEqual([]);
    expect(state().pods.map((pod) => [pod.name, pod.holder, pod.proxy, pod.application])).toEqual(
      old.map((pod) => [pod.name, pod.holder, pod.proxy, pod.application]),
    );
    // It is in charge: what ends is started again, though it is not its child.
    process.kill(record("b").application?.pid as number, "SIGKILL");
    await plane.until("the crash is told", () => count("b", "app") === 1 && isReady(plane.of("b")[0] as never));
    await eventually(call("b"), ok);
  });

  test("what died while no control plane was there is started by the next one", async () => {
    await up(deployment("a"), deployment("b"));
    await plane.kill();
    process.kill(record("b").proxy?.pid as number, "SIGKILL");
    process.kill(record("a").holder?.pid as number, "SIGKILL");
    const old = state().pods.map((pod) => pod.name);
    plane = start();
    await plane.started();
    plane.order({ objects: [deployment("a"), deployment("b")] });
    const [a, b] = await Promise.all([plane.readyPod("a"), plane.readyPod("b")]);
    expect(old).toContain(b.name);
    expect(old).not.toContain(a.name);
    tellNames();
    await eventually(call("b"), ok);
  });

  test("a second control plane on the same folder is refused, and so is a door that is taken", async () => {
    await up(deployment("a"));
    const second = start();
    await expect(second.started()).rejects.toThrow(/a mesh runs here already \(process \d+\); stop it with: weft down/);
    expect((await ask(port, "/")).status).toBe(200);
    await plane.stop();
    const taken = createServer().listen(port, "127.0.0.1");
    try {
      await expect(start().started()).rejects.toThrow(`port ${port} is taken`);
    } finally {
      await new Promise((done) => taken.close(done));
    }
    expect(left()).toEqual([]);
  });

  test("stop leaves nothing behind", async () => {
    await up(deployment("a"), deployment("b", { spec: { replicas: 2 } }));
    const { id, runFolder, pods } = state();
    await plane.stop();
    expect(left(id)).toEqual([]);
    expect(machine()).toBe(before);
    expect(existsSync(runFolder)).toBe(false);
    expect(readState(rig.stateDir(name))).toBeUndefined();
    for (const pod of pods)
      expect(existsSync(join(rig.stateDir(name), "pods", pod.namespace, pod.name, "proxy"))).toBe(false);
  });

  test("weft down takes away what a killed control plane left, and ends one that lives", async () => {
    await up(deployment("a"));
    const { id } = state();
    await plane.kill();
    expect(markedProcesses(id).length).toBeGreaterThan(3);
    const down = [
      "bin/node",
      "-e",
      `import("./src/host/sweep.ts").then(async (m) => console.log(await m.sweep(${JSON.stringify(rig.stateDir(name))})))`,
    ];
    expect(rig.run(down)).toBe("true\n");
    expect(left(id)).toEqual([]);
    expect(machine()).toBe(before);
    await up(deployment("a"));
    expect(rig.run(down)).toBe("true\n");
    await plane.until("it has ended", () => plane.process.exitCode !== null);
    expect(left(id)).toEqual([]);
    expect(rig.run(down)).toBe("false\n");
  });

  function left(id = readState(rig.stateDir(name))?.id ?? "none"): unknown[] {
    return markedProcesses(id).filter(({ id: each }) => processId(each.pid) !== undefined);
  }
});

/** What a mesh could leave on the machine, without the meshes of others: interfaces, rules, mounts, forwarding. */
function machine(): string {
  const links = execFileSync("ip", ["-br", "link"], { encoding: "utf8" })
    .split("\n")
    .map((line) => line.split(/[ @]/)[0] ?? "");
  const tables = spawnSync("nft", ["list", "tables"], { encoding: "utf8" }).stdout.split("\n");
  const mounts = readFileSync("/proc/self/mounts", "utf8").split("\n");
  return JSON.stringify([...links, ...tables, ...mounts].filter((line) => /weft|wv-/.test(line)).sort());
}

/** Requests one after the other on two connections, until the answer is called: it gives what went wrong. */
function load(at: number, path = "/"): () => Promise<string[]> {
  let over = false;
  const failures: string[] = [];
  const client = async () => {
    while (!over) {
      const found = await ask(at, path).catch((error: Error) => error);
      if (found instanceof Error) failures.push(found.message);
      else if (found.status !== 200) failures.push(`${found.status} ${JSON.stringify(found.body)}`);
    }
  };
  const clients = [client(), client()];
  return async () => {
    over = true;
    await Promise.all(clients);
    return failures;
  };
}
