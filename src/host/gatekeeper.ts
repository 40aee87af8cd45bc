import { join } from "node:path";
import { ports } from "../agent/bootstrap.ts";
import { alive, type ProcessId, processId, signal } from "../agent/process.ts";
import type { Names, NameView } from "./dns/names.ts";
import type { Target } from "./doors.ts";
import type { KeeperOrder, KeeperReply } from "./keeper.ts";
import { keeperCommand, orderKeeper, startKeeper } from "./keeper-client.ts";
import type { Network } from "./network.ts";
import type { HostOptions } from "./options.ts";
import { keeperSocket } from "./run-folder.ts";

export interface GatekeeperOptions {
  readonly options: HostOptions;
  readonly network: Network;
  readonly runFolder: string;
  readonly mark: Readonly<Record<string, string>>;
}

function namesOrder({ all, views }: { readonly all: Names; readonly views: readonly NameView[] }) {
  return { names: [...all], views: views.map(({ clients, names }) => ({ clients, names: [...names] })) };
}

/** The control plane's side of the keeper: keeps it running and tells it what has changed. */
export class Gatekeeper {
  readonly #given: GatekeeperOptions;
  #process: ProcessId | undefined;
  #names: { readonly all: Names; readonly views: readonly NameView[] } | undefined;
  /** Undefined until somebody says where doors lead: those of an earlier control plane lead on as they did. */
  #targets: ReadonlyMap<number, readonly Target[]> | undefined;
  /** What the keeper was told last; undefined: nothing yet. */
  #told: { names: { readonly all: Names; readonly views: readonly NameView[] } | undefined; doors: string } | undefined;
  #running: Promise<void> | undefined;
  #again = false;
  #stopped = false;
  #doorsLost = false;
  #problems: readonly string[] = [];
  onProblems: (problems: readonly string[]) => void = () => {};

  constructor(given: GatekeeperOptions) {
    this.#given = given;
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

  setNames(all: Names, views: readonly NameView[] = []): void {
    this.#names = { all, views };
    this.#update();
  }

  /** All doors, and where each leads from now on. */
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
        await this.#turn().catch((error: unknown) =>
          this.#given.options.log.warn("the keeper of doors and names cannot be told", { error: String(error) }),
        );
      }
      this.#running = undefined;
    })();
  }

  async #turn(): Promise<void> {
    const { options, network } = this.#given;
    const doors = this.#targets
      ? [...this.#targets].map(([port, targets]) => ({ port, targets }))
      : (options.doors ?? []).map(({ port }) => ({ port }));
    if (this.#process === undefined || !alive(this.#process)) this.#told = undefined;
    const names = this.#names;
    const text = JSON.stringify(doors);
    if (this.#told?.doors === text && this.#told.names === names) return;
    const order: KeeperOrder = {
      doors,
      // Doors of an earlier control plane stay until this one knows its own.
      ...(this.#targets ? {} : { others: "stay" }),
      ...(options.mode === "loopback"
        ? {}
        : {
            dns: {
              address: network.address,
              port: ports.dns,
              domain: options.clusterDomain ?? "cluster.local",
              ...(names === undefined || names === this.#told?.names ? {} : namesOrder(names)),
            },
          }),
    };
    const reply = await this.#give(order);
    const lost = "the keeper of the doors ended, and they are closed; run weft down, then weft up";
    const problems = [...(this.#doorsLost ? [lost] : []), ...reply.problems, ...this.#unreachable(doors, reply)];
    this.#told = { names, doors: text };
    if (problems.join() !== this.#problems.join()) this.onProblems(problems);
    this.#problems = problems;
  }

  /** Doors that nobody outside of a user namespace can knock at: they were not there when it was made. */
  #unreachable(doors: KeeperOrder["doors"], { inherited }: KeeperReply): readonly string[] {
    if (this.#given.options.mode !== "userns" || this.#doorsLost) return [];
    return doors
      .filter(({ port }) => !inherited.includes(port))
      .map(
        ({ port }) =>
          `port ${port} is a new door, which a mesh without root opens when it starts; run weft down, then weft up`,
      );
  }

  /** Gives an order to the keeper that is there, of whomever started it; where there is none, to a new one. */
  async #give(order: KeeperOrder): Promise<KeeperReply> {
    const { runFolder, options, mark } = this.#given;
    const socketPath = keeperSocket(runFolder);
    const reply = await orderKeeper(socketPath, order).catch(async () => {
      // Its doors were sockets of another namespace: nobody in here can open them again.
      this.#doorsLost ||= options.mode === "userns" && this.#process !== undefined;
      const logFile = join(options.stateDir, "keeper.log");
      const env = { ...process.env, NODE_OPTIONS: "", ...mark };
      await startKeeper({ command: options.keeperCommand ?? keeperCommand, socketPath, logFile, env });
      return orderKeeper(socketPath, order);
    });
    this.#process = processId(reply.pid);
    return reply;
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
