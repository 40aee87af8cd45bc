import { execFileSync, spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { createServer } from "node:net";
import type { Resource } from "../model/resource.ts";
import type { Door } from "./options.ts";
import { ask, makeRig, type Plane, type Rig } from "./rig.ts";
import { type HostState, type Mode, type PodRecord, readState } from "./state.ts";

export type Made = Omit<Resource, "origin">;

/** A Deployment of the test's application. */
export function deployment(
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

/** Kinds of mesh that this test's user can have. */
export const modes: Mode[] = process.getuid?.() === 0 ? ["netns", "userns"] : ["userns"];

/** A port of 23000 to 23999 that is free on both of the machine's loopback addresses now. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = 23_000 + Math.floor(Math.random() * 1000);
    const server = createServer();
    const free = await new Promise<boolean>((resolve) => {
      server.once("error", () => resolve(false));
      server.listen(port, "::", () => resolve(true));
    });
    await new Promise((done) => server.close(done));
    if (free) return port;
  }
}

/** One mesh after the other, each in a state folder of its own, with a door to the Pods of `a`. */
export class Bench {
  readonly rig: Rig;
  readonly port: number;
  plane!: Plane;
  name = "mesh-0";
  #turn = 0;
  readonly #planes: Plane[] = [];

  constructor(mode: Mode, port: number) {
    this.rig = makeRig(mode);
    this.port = port;
  }

  /** The next mesh; what the last one left is ended. */
  async next(): Promise<void> {
    for (const plane of this.#planes.splice(0)) await plane.stop();
    this.name = `mesh-${this.#turn++}`;
  }

  start(doors: readonly Door[] = [{ port: this.port, to: { labels: { app: "a" }, port: 9080 } }]): Plane {
    const made = this.rig.start(this.name, doors);
    this.#planes.push(made);
    return made;
  }

  /** A control plane with these objects, when a Pod of each Deployment is ready; every workload has a name. */
  async up(...objects: Made[]): Promise<Plane> {
    this.plane = this.start();
    await this.plane.started();
    this.plane.order({ objects });
    const deployments = objects.filter((object) => object.type === "Deployment.apps");
    await Promise.all(deployments.map((object) => this.plane.readyPod(object.name)));
    this.tellNames();
    return this.plane;
  }

  tellNames(): void {
    const names: Record<string, string[]> = {};
    for (const pod of this.plane.pods.values())
      names[`${pod.labels["app"]}.default.svc.cluster.local`] = [pod.status.podIP];
    names["*.example.test"] = ["10.1.2.3"];
    this.plane.order({ names });
  }

  /** Asks until the answer is as wanted: doors and names follow a Pod's readiness a moment later. */
  async eventually(path: string, wanted: (body: never, status: number) => boolean = ok): Promise<never> {
    let last: unknown;
    for (const end = Date.now() + 20_000; Date.now() < end; ) {
      const found = await ask(this.port, path).catch((error: unknown) => {
        last = error;
      });
      if (found && wanted(found.body, found.status)) return found.body;
      if (found) last = JSON.stringify(found);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    throw new Error(`${path}: ${last}`);
  }

  get state(): HostState {
    return readState(this.rig.stateDir(this.name)) as HostState;
  }

  /** What is on disk of the first Pod of a workload. */
  record(workload: string): PodRecord {
    return this.state.pods.find((pod) => pod.workload === workload) as PodRecord;
  }

  restarts(workload: string, container: string): number | undefined {
    return this.plane.of(workload)[0]?.status.containerStatuses.find((status) => status.name === container)
      ?.restartCount;
  }

  async dispose(): Promise<void> {
    await this.next();
    this.rig.dispose();
  }
}

const ok = (_: unknown, status: number) => status === 200;

/** The path that makes the test's application ask another one. */
export function call(host: string, path = "/"): string {
  return `/get?url=${encodeURIComponent(`http://${host}:9080${path}`)}`;
}

/** What a mesh has left on the machine besides processes: interfaces, rules, mounts. */
export function remains(mesh: string): string[] {
  const links = execFileSync("ip", ["-br", "link"], { encoding: "utf8" });
  const tables = spawnSync("nft", ["list", "tables"], { encoding: "utf8" }).stdout;
  const mounts = readFileSync("/proc/self/mounts", "utf8");
  return `${links}${tables}${mounts}`.split("\n").filter((line) => line.includes(`-${mesh}`));
}

/** Requests one after the other on two connections, until the answer is called: it gives what went wrong. */
export function load(at: number, path = "/"): () => Promise<string[]> {
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
