import { rmSync } from "node:fs";
import { alive } from "../agent/process.ts";
import type { SourceEvent } from "../model/change.ts";
import type { Diagnostic } from "../model/diagnostic.ts";
import type { Resource } from "../model/resource.ts";
import { all, get, type Snapshot } from "../model/snapshot.ts";
import { types } from "../model/types.ts";
import { backoff } from "../std/backoff.ts";
import { doorTargets } from "./door-targets.ts";
import type { Gatekeeper } from "./gatekeeper.ts";
import { podFolder } from "./logs.ts";
import { endMarked } from "./marks.ts";
import type { Network } from "./network.ts";
import type { Door, HostOptions } from "./options.ts";
import { Pod } from "./pod.ts";
import type { PodContext } from "./pod-context.ts";
import { Reporter } from "./reporter.ts";
import { nextStep } from "./rollout.ts";
import { ServiceBoard } from "./service-board.ts";
import type { ServiceAddress } from "./services.ts";
import { type HostState, type PodRecord, writeState } from "./state.ts";
import { firstPod, lastPod } from "./subnet.ts";
import { nameAlphabet, type Workload, workloadOf } from "./workload.ts";
import { readWorkload, writeWorkload } from "./workload-file.ts";

export interface FleetOptions {
  readonly options: HostOptions;
  readonly network: Network;
  readonly keeper: Gatekeeper;
  readonly state: HostState;
  readonly mark: Readonly<Record<string, string>>;
  readonly baseEnv: Readonly<Record<string, string>>;
  readonly become: readonly string[];
  readonly revision: string;
}

/** All Pods of this machine: makes, replaces and removes them until they are what the Deployments ask for. */
export class Fleet {
  readonly #given: FleetOptions;
  readonly #pods = new Map<string, Pod>();
  readonly #reporter = new Reporter();
  readonly #services: ServiceBoard;
  readonly #context: PodContext<Pod>;
  /** Deployment → how often in a row one of its Pods could not be made, and when the next may be. */
  readonly #failures = new Map<string, { count: number; notBefore: number }>();
  #state: HostState;
  #snapshot: Snapshot | undefined;
  #workloads: ReadonlyMap<string, Workload> | undefined;
  /** Beside those of the options. */
  #doors: readonly Door[] = [];
  #started = false;
  #pending = false;
  #stopped = false;

  constructor(given: FleetOptions) {
    this.#given = given;
    this.#state = given.state;
    this.#services = new ServiceBoard(given.options.log);
    const { options, network, mark, baseEnv, become } = given;
    this.#context = {
      ...{ options, network, mark, baseEnv, become, runFolder: given.state.runFolder },
      find: (namespace, type, name) => (this.#snapshot ? get(this.#snapshot, { type, namespace, name }) : undefined),
      changed: () => this.#schedule(),
      problem: (pod, what) => {
        this.#reporter.problem(`${pod.record.namespace}/${pod.record.name}`, pod.workload, what);
        this.#schedule();
      },
    };
    given.keeper.onProblems = (problems) => {
      this.#reporter.doors(problems);
      this.#schedule();
    };
  }

  /** Takes over the Pods that run already, and tells them in the first event. */
  async start(listener: (event: SourceEvent) => void): Promise<void> {
    for (const record of this.#state.pods) {
      const workload = readWorkload(podFolder(this.#given.options.stateDir, record.namespace, record.name));
      const pod = workload && new Pod(this.#context, workload, record);
      if (pod?.adopt()) this.#pods.set(keyOf(record), pod);
      else await this.#discard(record);
    }
    this.#started = true;
    this.#reporter.start(listener, this.#pods.values());
    this.#watch();
    this.#schedule();
  }

  /** What is left of a Pod that cannot be taken over. */
  async #discard(record: PodRecord): Promise<void> {
    const { network, options, state } = this.#given;
    endMarked(state.id, (marked) => marked.pod === record.uid);
    await network.close(record.number, undefined);
    rmSync(podFolder(options.stateDir, record.namespace, record.name), { recursive: true, force: true });
  }

  /** `snapshot` must hold every Deployment: Pods of one that it lacks are ended. Call it first when all sources have synced. */
  reconcile(snapshot: Snapshot): void {
    const before = this.#snapshot;
    this.#snapshot = snapshot;
    const same = [types.Deployment, types.Namespace, types.ProxyConfig, "MeshConfig"].every(
      (type) => before?.objects.get(type) === snapshot.objects.get(type),
    );
    if (before !== undefined && same) return;
    const workloads = new Map<string, Workload>();
    const diagnostics: Diagnostic[] = [];
    for (const deployment of all(snapshot, types.Deployment)) {
      const found = workloadOf(deployment, injected(snapshot, deployment.namespace), this.#given.revision, snapshot);
      if ("code" in found) diagnostics.push(found);
      else workloads.set(keyOf(found), found);
    }
    this.#workloads = workloads;
    this.#reporter.deployments(diagnostics);
    this.#schedule();
  }

  setServices(services: readonly ServiceAddress[]): void {
    this.#services.set(services);
    this.#schedule();
  }

  setDoors(doors: readonly Door[]): void {
    this.#doors = doors;
    this.#schedule();
  }

  adminSocket(pod: { readonly namespace: string; readonly name: string }): string | undefined {
    const found = this.#pods.get(keyOf(pod));
    return found === undefined || found.workload.proxy === "plain" || !("path" in found.admin)
      ? undefined
      : found.admin.path;
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    await Promise.allSettled([...this.#pods.values()].map((pod) => pod.terminate(true)));
  }

  /** Everything that changes in one turn of the event loop is dealt with at once. */
  #schedule(): void {
    if (this.#pending || this.#stopped) return;
    this.#pending = true;
    this.#given.options.clock.after(0, () => {
      this.#pending = false;
      if (this.#stopped) return;
      this.#step();
      this.#save();
      this.#lead();
      this.#services.update(this.#pods.values());
      this.#reporter.tell(this.#pods.values());
    });
  }

  #step(): void {
    if (this.#workloads === undefined || !this.#started) return;
    const byWorkload = new Map<string, Pod[]>();
    for (const pod of this.#pods.values()) {
      const key = keyOf({ namespace: pod.record.namespace, name: pod.record.workload });
      byWorkload.set(key, [...(byWorkload.get(key) ?? []), pod]);
    }
    for (const key of new Set([...byWorkload.keys(), ...this.#workloads.keys()])) {
      const workload = this.#workloads.get(key);
      const pods = byWorkload.get(key) ?? [];
      const step = nextStep(
        workload,
        pods.map((pod) => pod.state),
      );
      for (const name of step.remove) this.#remove(pods.find((pod) => pod.record.name === name) as Pod);
      if (workload !== undefined && !this.#mustWait(key))
        for (let i = 0; i < step.create; i++) this.#create(key, workload);
    }
  }

  #mustWait(key: string): boolean {
    const failure = this.#failures.get(key);
    return failure !== undefined && this.#given.options.clock.now() < failure.notBefore;
  }

  #create(key: string, workload: Workload): void {
    const { options } = this.#given;
    const record = this.#record(workload);
    const pod = new Pod(this.#context, workload, record);
    this.#pods.set(keyOf(record), pod);
    writeWorkload(podFolder(options.stateDir, record.namespace, record.name), workload);
    // On disk before it is in the world: what is made can always be found again.
    this.#save();
    pod.start().then(
      () => void this.#failures.delete(key),
      (error: unknown) => this.#notMade(key, pod, error),
    );
  }

  #notMade(key: string, pod: Pod, error: unknown): void {
    if (this.#stopped || pod.state.terminating) return;
    const { clock, random, log } = this.#given.options;
    const count = (this.#failures.get(key)?.count ?? 0) + 1;
    const wait = backoff(count - 1, 1000, 30_000, random);
    this.#failures.set(key, { count, notBefore: clock.now() + wait });
    log.error("a Pod could not be started", {
      pod: pod.record.name,
      error: String(error),
      againInMs: Math.round(wait),
    });
    const message = `a Pod could not be started: ${(error as Error).message}`;
    this.#reporter.problem(`create ${key}`, pod.workload, { code: "WEFT0705", message, fix: "it is tried again" });
    this.#remove(pod, true);
    clock.after(wait + 1, () => {
      this.#reporter.problem(`create ${key}`, pod.workload, undefined);
      this.#schedule();
    });
  }

  #remove(pod: Pod, haste = false): void {
    pod
      .terminate(haste)
      .catch((error: unknown) =>
        this.#given.options.log.warn("a Pod did not end cleanly", { pod: pod.record.name, error: String(error) }),
      )
      .then(() => {
        // What its application left running behind its back.
        endMarked(this.#given.state.id, (marked) => marked.pod === pod.record.uid);
        this.#pods.delete(keyOf(pod.record));
        this.#reporter.problem(keyOf(pod.record), pod.workload, undefined);
        this.#schedule();
      });
  }

  #record(workload: Workload): PodRecord {
    const { random, clock } = this.#given.options;
    const bytes = random.bytes(13);
    const suffix = [...bytes.subarray(0, 5)].map((b) => nameAlphabet[b % nameAlphabet.length]).join("");
    const number = this.#nextNumber();
    return {
      namespace: workload.namespace,
      name: `${workload.name}-${workload.hash}-${suffix}`,
      uid: Buffer.from(bytes).toString("hex"),
      workload: workload.name,
      hash: workload.hash,
      number,
      createdAt: clock.now(),
    };
  }

  /** Addresses go round the whole range before one is used again: a peer that still remembers an old one does not meet a stranger. */
  #nextNumber(): number {
    const used = new Set([...this.#pods.values()].map((pod) => pod.record.number));
    let number = Math.max(firstPod, this.#state.nextNumber);
    while (used.has(number)) number = number >= lastPod ? firstPod : number + 1;
    this.#state = { ...this.#state, nextNumber: number >= lastPod ? firstPod : number + 1 };
    return number;
  }

  #save(): void {
    const pods = [...this.#pods.values()].map((pod) => pod.record);
    const next = { ...this.#state, pods };
    if (JSON.stringify(next) === JSON.stringify(this.#state)) return;
    this.#state = next;
    try {
      writeState(this.#given.options.stateDir, next);
    } catch (error) {
      this.#given.options.log.error(
        "the state of the mesh could not be written; a control plane started next may not find its Pods",
        { error: String(error) },
      );
    }
  }

  #lead(): void {
    const doors = [...(this.#given.options.doors ?? []), ...this.#doors];
    if (this.#started) this.#given.keeper.lead(doorTargets(doors, [...this.#pods.values()]));
  }

  /** Once a second: logs that are too long, and Pods whose namespaces were taken from under them. */
  #watch(): void {
    this.#given.options.clock.after(1000, () => {
      if (this.#stopped) return;
      for (const pod of this.#pods.values()) {
        pod.rotateLogs();
        const holder = pod.place?.holder;
        if (holder !== undefined && !pod.state.terminating && !alive(holder)) this.#remove(pod, true);
      }
      this.#watch();
    });
  }
}

function keyOf(of: { readonly namespace: string; readonly name: string }): string {
  return `${of.namespace}/${of.name}`;
}

/** On this machine every namespace wants sidecars, unless it says otherwise. */
function injected(snapshot: Snapshot, namespace: string): boolean {
  const found: Resource | undefined = get(snapshot, { type: types.Namespace, namespace: "", name: namespace });
  return found?.labels["istio-injection"] !== "disabled";
}
