import { chmodSync, rmSync } from "node:fs";
import { createServer, type Socket } from "node:net";
import { createInterface } from "node:readline";
import type { Names } from "./dns/names.ts";
import { type DnsServer, serveDns } from "./dns/server.ts";
import { resolversOf } from "./dns/upstream.ts";
import { type OpenDoor, openDoor, type Target } from "./doors.ts";

/** What the keeper shall do from now on. Each order is whole: a door that it does not name is closed, unless `others` stay. */
export interface KeeperOrder {
  /** Without `targets` a door leads where it led before. */
  readonly doors: readonly { readonly port: number; readonly targets?: readonly Target[] }[];
  readonly others?: "stay";
  readonly dns?: {
    readonly address: string;
    readonly port: number;
    readonly domain: string;
    /** Absent: as before. */
    readonly names?: NameList;
    /** Clients that know other names than these; with `names`. */
    readonly views?: readonly { readonly clients: readonly string[]; readonly names: NameList }[];
  };
}

type NameList = readonly (readonly [name: string, addresses: readonly string[]])[];

export interface KeeperReply {
  /** Process that answers. */
  readonly pid: number;
  /** Ports of the doors that were handed over to it. */
  readonly inherited: readonly number[];
  /** What could not be done: `port 8080 is taken`. Empty when all is well. */
  readonly problems: readonly string[];
}

export interface KeeperOptions {
  readonly socketPath: string;
  /** Listening sockets that were handed over, by port: those of a namespace that the keeper cannot reach itself. */
  readonly inherited: ReadonlyMap<number, readonly number[]>;
}

/**
 * The one helper process of a mesh on this machine. It holds the doors and answers for names, and outlives the control plane: while that is
 * away, requests go on coming in and names go on being found. It knows nothing of meshes, and has no state but the last order.
 */
export async function keep(options: KeeperOptions): Promise<void> {
  const post = new Post(options);
  rmSync(options.socketPath, { force: true });
  const server = createServer((socket) => serve(socket, post));
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(options.socketPath, resolve);
  });
  chmodSync(options.socketPath, 0o600);
  await post.obey({ doors: [...options.inherited.keys()].map((port) => ({ port })) });
}

function serve(socket: Socket, post: Post): void {
  socket.on("error", () => socket.destroy());
  const lines = createInterface({ input: socket });
  lines.on("error", () => socket.destroy());
  lines.on("line", async (line) => {
    const reply = await post.take(line);
    if (!socket.destroyed) socket.write(`${JSON.stringify(reply)}\n`);
  });
}

class Post {
  readonly #options: KeeperOptions;
  readonly #doors = new Map<number, OpenDoor>();
  #dns: { server: DnsServer; address: string; port: number } | undefined;
  #names: Names = new Map();
  /** By the client's address. */
  #views: ReadonlyMap<string, Names> = new Map();
  #last: Promise<unknown> = Promise.resolve();

  constructor(options: KeeperOptions) {
    this.#options = options;
  }

  /** One order after the other. */
  take(line: string): Promise<KeeperReply> {
    const next = this.#last.then(() => this.obey(JSON.parse(line) as KeeperOrder));
    this.#last = next.catch(() => {});
    return next.catch((error: unknown) => this.#reply([String(error)]));
  }

  async obey(order: KeeperOrder): Promise<KeeperReply> {
    const problems: string[] = [];
    const wanted = new Set(order.doors.map((door) => door.port));
    for (const [port, door] of this.#doors) {
      if (order.others === "stay" || wanted.has(port) || this.#options.inherited.has(port)) continue;
      this.#doors.delete(port);
      await door.close();
    }
    for (const { port, targets } of order.doors) {
      const problem = await this.#lead(port, targets);
      if (problem !== undefined) problems.push(problem);
    }
    if (order.dns !== undefined) {
      const problem = await this.#answer(order.dns).catch((error: Error) => `names are not answered: ${error.message}`);
      if (problem !== undefined) problems.push(problem);
    }
    return this.#reply(problems);
  }

  #reply(problems: readonly string[]): KeeperReply {
    return { pid: process.pid, inherited: [...this.#options.inherited.keys()], problems };
  }

  async #lead(port: number, targets: readonly Target[] | undefined): Promise<string | undefined> {
    try {
      let door = this.#doors.get(port);
      if (door === undefined) {
        door = await openDoor(port, this.#options.inherited.get(port));
        this.#doors.set(port, door);
      }
      if (targets !== undefined) door.lead(targets);
      return undefined;
    } catch (error) {
      const { message } = error as Error;
      return message.startsWith("port ") ? message : `port ${port}: ${message}`;
    }
  }

  async #answer(dns: NonNullable<KeeperOrder["dns"]>): Promise<string | undefined> {
    if (dns.names !== undefined) {
      this.#names = new Map(dns.names);
      this.#views = new Map(
        (dns.views ?? []).flatMap(({ clients, names }) => {
          const known = new Map(names);
          return clients.map((client) => [client, known] as const);
        }),
      );
    }
    if (this.#dns?.address === dns.address && this.#dns.port === dns.port) return undefined;
    await this.#dns?.server.close();
    this.#dns = undefined;
    const { address, port, domain } = dns;
    const names = (client: string) => this.#views.get(client) ?? this.#names;
    const server = await serveDns({ address, port, domain, names, resolvers: () => resolversOf() });
    this.#dns = { server, address, port };
    return undefined;
  }
}
