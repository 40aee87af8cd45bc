import { rmSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { ports, proxyMark } from "../agent/bootstrap.ts";
import { captureRules } from "../agent/capture.ts";
import { alive } from "../agent/process.ts";
import { type ProxyRun, runProxy } from "../agent/proxy.ts";
import type { Resource } from "../model/resource.ts";
import { loopbackEnv } from "./application.ts";
import { containerEnv } from "./env.ts";
import { logFile, podFolder, rotate } from "./logs.ts";
import type { Place } from "./network.ts";
import { PodApplication } from "./pod-application.ts";
import type { PodContext } from "./pod-context.ts";
import { type PodIdentity, writeNameFiles, writeProxyFiles } from "./pod-files.ts";
import { containerState, podResource } from "./pod-resource.ts";
import type { PodState } from "./rollout.ts";
import type { PodRecord } from "./state.ts";
import { keepToken } from "./token.ts";
import type { Workload } from "./workload.ts";

/** A Pod that leaves serves on for this long at the least: what is on its way to it still arrives. Milliseconds. */
const farewell = 1000;

/** One workload that runs on this machine: its place, its proxy, its application. */
export class Pod {
  readonly workload: Workload;
  #record: PodRecord;
  readonly #context: PodContext<Pod>;
  readonly #over = new AbortController();
  #place: Place | undefined;
  #proxy: ProxyRun | undefined;
  #application: PodApplication | undefined;
  #proxyReady = false;
  #proxyWhy: string | undefined;
  /** Of one that is being taken over, until it is. */
  #applicationWasReady = false;
  #terminatingAt: number | undefined;

  constructor(context: PodContext<Pod>, workload: Workload, record: PodRecord) {
    this.#context = context;
    this.workload = workload;
    this.#record = record;
  }

  get record(): PodRecord {
    return this.#record;
  }

  get admin(): ProxyRun["admin"] {
    return { path: join(this.#context.runFolder, `${this.#record.number.toString(36)}.sock`) };
  }

  /** Address and namespaces; undefined before it has any. */
  get place(): Place | undefined {
    return this.#place;
  }

  get state(): PodState {
    const { name, hash, createdAt } = this.#record;
    return { name, hash, createdAt, ready: this.#ready(), terminating: this.#terminatingAt !== undefined };
  }

  /** Brings it up; resolves when its application has been started. Rejects when it cannot have a place. */
  async start(): Promise<void> {
    const { network, options } = this.#context;
    const { number, name } = this.#record;
    const folder = this.#folder();
    const ip = network.addressOf(number);
    writeNameFiles(folder, { ...this.#record, ip }, network.address, options.clusterDomain ?? "cluster.local");
    const { proxy, annotations } = this.workload;
    const { address, probeFrom } = network;
    const rules = captureRules({
      ...{ proxy, annotations, own: { mark: proxyMark }, names: { address, port: ports.dns } },
      ...(probeFrom === undefined ? {} : { probeFrom }),
    });
    const place = await network.open({ number, hostname: name, folder, rules, env: this.#mark() });
    this.#settle(place);
    await this.#run();
  }

  /** Takes over what an earlier host left running; false where its place is gone. */
  adopt(): boolean {
    const { number, holder } = this.#record;
    const place = this.#context.network.reopen(number, holder);
    if (place === undefined) return false;
    const { proxy, application, ready = false } = this.#record;
    // What was ready stays in the endpoints until its probes say otherwise.
    this.#proxyReady = ready && proxy !== undefined && alive(proxy);
    this.#applicationWasReady = ready && application !== undefined && alive(application);
    this.#settle(place);
    this.#run().catch((error: unknown) => {
      const { log } = this.#context.options;
      if (!this.#over.signal.aborted)
        log.error("a Pod that was taken over does not run", { pod: this.#record.name, error: String(error) });
    });
    return true;
  }

  #settle(place: Place): void {
    this.#place = place;
    this.#update(place.holder ? { holder: place.holder } : {});
  }

  async #run(): Promise<void> {
    if (this.workload.proxy === "plain") this.#proxyReady = true;
    else await this.#startProxy();
    if (this.#terminatingAt === undefined && this.workload.command !== undefined) this.#startApplication();
  }

  async #startProxy(): Promise<void> {
    const { options, network, mark } = this.#context;
    const { clock, random, log, envoyPath } = options;
    const place = this.#place as Place;
    const folder = this.#folder();
    const { proxySettings: settings } = this.workload;
    await keepToken(options, this.workload, this.#identity(), folder, this.#over.signal);
    const bootstrapFile = writeProxyFiles(options, this.workload, this.#identity(), {
      folder,
      admin: this.admin,
      controlPlane: network.address,
    });
    const proxy = runProxy({
      kind: this.workload.proxy === "router" ? "router" : "sidecar",
      envoyPath,
      enter: place.enter,
      env: {
        ...settings.env,
        PATH: this.#context.baseEnv["PATH"] ?? "/usr/bin:/bin",
        ...mark,
        WEFT_POD: this.#record.uid,
      },
      bootstrapFile,
      admin: this.admin,
      logFile: logFile(options.stateDir, this.#record, "proxy"),
      ...(options.envoyLogLevel === undefined ? {} : { logLevel: options.envoyLogLevel }),
      concurrency: settings.concurrency === 0 ? availableParallelism() : settings.concurrency,
      drainSeconds: settings.listenerDrainSeconds ?? Math.max(1, this.workload.drainSeconds),
      args: settings.args,
      ...{ clock, random, log: log.with({ pod: `${this.#record.namespace}/${this.#record.name}` }) },
      onStart: (id) => {
        this.#update({ proxy: id });
        void this.#awaitProxy();
      },
      onExit: (reason) => {
        this.#proxyReady = false;
        this.#proxyWhy = `its Envoy ended: ${reason}`;
        this.#update({});
      },
    });
    this.#proxy = proxy;
    const { proxy: running, restarts } = this.#record;
    if (running) {
      proxy.process.adopt(running, restarts?.proxy);
      void this.#awaitProxy();
    } else proxy.process.start();
    await proxy.ready(this.#over.signal);
  }

  async #awaitProxy(): Promise<void> {
    const run = this.#proxy?.process.current ?? this.#record.proxy;
    await this.#proxy?.ready(this.#over.signal).catch(() => {});
    if (this.#over.signal.aborted || this.#record.proxy?.pid !== run?.pid) return;
    this.#proxyReady = true;
    this.#proxyWhy = undefined;
    this.#update({});
  }

  #startApplication(): void {
    const { options, become, network } = this.#context;
    const { clock, random, log, stateDir } = options;
    const { name, application: running, restarts, ready = false } = this.#record;
    this.#application = new PodApplication({
      pod: name,
      workload: this.workload,
      place: this.#place as Place,
      probeFrom: network.probeFrom,
      logFile: logFile(stateDir, this.#record, "application"),
      become,
      env: () => this.#env(),
      ...{ clock, random, log },
      onChange: (id) => this.#update(id === undefined ? {} : { application: id }),
      onProblem: (problem) => this.#context.problem(this, problem),
    });
    if (running) this.#application.adopt(running, restarts?.application ?? 0, ready);
    else this.#application.start();
    this.#applicationWasReady = false;
  }

  #env(): Record<string, string> {
    const { options, baseEnv, find, problem } = this.#context;
    const { namespace, name, uid } = this.#record;
    const { labels, annotations, serviceAccount, containers } = this.workload;
    const { ip, applicationIp } = this.#place as Place;
    const pod = { namespace, name, uid, ip, serviceAccount, nodeName: options.nodeName ?? "localhost" };
    const resolved = containerEnv(containers[0], {
      pod,
      labels,
      annotations,
      find: (type, wanted) => find(namespace, type, wanted),
    });
    if (resolved.problems.length > 0) {
      const message = `the environment of its application is not complete: ${resolved.problems.join(", ")}`;
      problem(this, { code: "WEFT0703", message, fix: "add what is missing, or mark the reference as optional" });
    }
    const told = options.mode === "loopback" ? loopbackEnv({ ip, applicationIp }, containers[0]) : {};
    return { ...baseEnv, HOSTNAME: name, ...told, ...resolved.env, ...this.#mark() };
  }

  /** Ends it: out of the endpoints, the proxy drained, the application, the proxy, its place. In haste nothing is drained. */
  async terminate(haste: boolean): Promise<void> {
    if (this.#terminatingAt !== undefined && !haste) return;
    const { options, network } = this.#context;
    this.#terminatingAt = options.clock.now();
    this.#update({});
    const { drainSeconds, graceSeconds } = this.workload;
    if (!haste) await this.#drain(drainSeconds * 1000);
    this.#application?.unwatch();
    this.#over.abort();
    await this.#application?.stop(
      haste ? Math.min(graceSeconds * 1000, options.stopGraceMs ?? 3000) : graceSeconds * 1000,
    );
    await this.#proxy?.process.stop(haste ? 500 : 2000);
    if (this.#place) await network.close(this.#record.number, this.#place);
    rmSync(join(this.#folder(), "proxy"), { recursive: true, force: true });
    if ("path" in this.admin) rmSync(this.admin.path, { force: true });
    if (!haste) rmSync(this.#folder(), { recursive: true, force: true });
  }

  /** Goes on serving while doors and peers learn that it goes away, and until those that are connected have left. */
  async #drain(atMostMs: number): Promise<void> {
    const atLeastMs = Math.min(farewell, atMostMs);
    if (this.#proxyReady && this.#proxy) await this.#proxy.drain(atLeastMs, atMostMs);
    else if (this.#ready()) await new Promise<void>((resolve) => this.#context.options.clock.after(atLeastMs, resolve));
  }

  rotateLogs(): void {
    for (const which of ["application", "proxy"] as const)
      rotate(logFile(this.#context.options.stateDir, this.#record, which));
  }

  /** The Pod as Kubernetes would show it; undefined before it has an address. */
  resource(): Resource | undefined {
    if (this.#place === undefined) return undefined;
    const { name, uid, createdAt, restarts } = this.#record;
    const { running = false, ready: applicationReady = false, why } = this.#application ?? {};
    const { nodeName = "localhost" } = this.#context.options;
    return podResource(
      this.workload,
      {
        ...{ name, uid, createdAt, ip: this.#place.ip, nodeName },
        phase: this.#proxyReady ? "Running" : "Pending",
        ready: this.#ready(),
        ...(this.#terminatingAt === undefined ? {} : { terminatingAt: this.#terminatingAt }),
        proxy: containerState(
          this.#proxy?.process.current !== undefined,
          this.#proxyReady,
          restarts?.proxy,
          this.#proxyWhy,
        ),
        application: containerState(running, applicationReady, restarts?.application, why),
      },
      1,
    );
  }

  #ready(): boolean {
    return (
      this.#proxyReady &&
      (this.workload.command === undefined || this.#applicationWasReady || this.#application?.ready === true)
    );
  }

  #identity(): PodIdentity {
    const { namespace, name, uid } = this.#record;
    const { ip, applicationIp } = this.#place as Place;
    return { namespace, name, uid, ip, applicationIp };
  }

  #mark(): Record<string, string> {
    return { ...this.#context.mark, WEFT_POD: this.#record.uid };
  }

  #folder(): string {
    return podFolder(this.#context.options.stateDir, this.#record.namespace, this.#record.name);
  }

  #update(change: Partial<PodRecord>): void {
    const restarts = {
      proxy: this.#proxy?.process.restarts ?? this.#record.restarts?.proxy ?? 0,
      application: this.#application?.restarts ?? this.#record.restarts?.application ?? 0,
    };
    this.#record = { ...this.#record, ...change, restarts, ready: this.#ready() };
    this.#context.changed(this);
  }
}
