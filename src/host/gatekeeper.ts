import { join } from "node:path";
import { ports } from "../agent/bootstrap.ts";
import { alive, type ProcessId, signal } from "../agent/process.ts";
import type { Names } from "./dns/names.ts";
import type { Target } from "./doors.ts";
import type { KeeperOrder } from "./keeper.ts";
import { keeperCommand, orderKeeper, startKeeper } from "./keeper-client.ts";
import type { Network } from "./network.ts";
import type { HostOptions } from "./options.ts";

export interface GatekeeperOptions {
  readonly options: HostOptions;
  readonly network: Network;
  readonly runFolder: string;
  readonly mark: Readonly<Record<string, string>>;
  /** One that an earlier control plane started. */
  readonly keeper?: ProcessId;
}

/** The control plane's side of the keeper: keeps it running and tells it what has changed. */
export class Gatekeeper {
  readonly #given: GatekeeperOptions;
  #process: ProcessId | undefined;
  #names: Names | undefined;
  #targets: ReadonlyMap<number, readonly Target[]> = new Map();
  /** What the keeper was told last; undefined: nothing yet. */
  #told: { names: Names | undefined; doors: string } | undefined;
  #running: Promise<void> | undefined;
  #again = false;
  #stopped = false;
  #problems: readonly string[] = [];
  onProcess: (id: ProcessId) => void = () => {};
  onProblems: (problems: readonly string[]) => void = () => {};

  constructor(given: GatekeeperOptions) {
    this.#given = given;
    this.#process = given.keeper;
  }

  get process(): ProcessId | undefined {
    return this.#process;
  }

  /** Opens the doors; rejects when one of them cannot be: `port 8080 is taken`. */
  async start(): Promise<void> {
    await this.#turn();
    if (this.#problems.length > 0) {
      await this.stop();
      throw new Error(`${this.#problems.join("; ")}; end what listens there, or choose another port`);
    }
    this.#watch();
  }

  setNames(names: Names): void {
    this.#names = names;
    this.#update();
  }

  /** Where each door leads from now on. */
  lead(targets: ReadonlyMap<number, readonly Target[]>): void {
    this.#targets = targets;
    this.#update();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#running;
    if (this.#process) signal(this.#process, "SIGTERM");
  }

  /** One order at a time; what changes meanwhile goes into the next. */
  #update(): void {
    this.#again = true;
    if (this.#running || this.#stopped) return;
    this.#running = (async () => {
      while (this.#again && !this.#stopped) {
        this.#again = false;
        await this.#turn().catch((error: unknown) => this.#given.options.log.warn("the keeper of doors and names cannot be told", { error: String(error) }));
      }
      this.#running = undefined;
    })();
  }

  async #turn(): Promise<void> {
    const { runFolder, options, network, mark } = this.#given;
    const socketPath = join(runFolder, "keeper.sock");
    if (this.#process === undefined || !alive(this.#process)) {
      this.#told = undefined;
      const command = options.keeperCommand ?? keeperCommand;
      const logFile = join(options.stateDir, "keeper.log");
      this.#process = await startKeeper({ command, socketPath, logFile, env: { ...process.env, NODE_OPTIONS: "", ...mark } });
      this.onProcess(this.#process);
    }
    const doors = (options.doors ?? []).map((door) => ({ port: door.port, targets: this.#targets.get(door.port) ?? [] }));
    const names = this.#names;
    const text = JSON.stringify(doors);
    if (this.#told?.doors === text && this.#told.names === names) return;
    const order: KeeperOrder = {
      doors,
      ...(options.mode === "loopback"
        ? {}
        : {
            dns: {
              address: network.address,
              port: ports.dns,
              domain: options.clusterDomain ?? "cluster.local",
              ...(names === undefined || names === this.#told?.names ? {} : { names: [...names] }),
            },
          }),
    };
    const { problems } = await orderKeeper(socketPath, order);
    this.#told = { names, doors: text };
    if (problems.join() !== this.#problems.join()) this.onProblems(problems);
    this.#problems = problems;
  }

  /** A keeper that died is started again within a second. */
  #watch(): void {
    this.#given.options.clock.after(500, () => {
      if (this.#stopped) return;
      if (this.#process === undefined || !alive(this.#process)) this.#update();
      this.#watch();
    });
  }
}
