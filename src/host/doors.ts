import { connect, createServer, type Server, type Socket } from "node:net";

export interface Target {
  readonly address: string;
  readonly port: number;
}

/** A port of the machine that leads into the mesh. */
export interface OpenDoor {
  readonly port: number;
  /** Whom connections go to from now on, in turn; those that are open stay where they are. */
  lead(targets: readonly Target[]): void;
  close(): Promise<void>;
}

/** Addresses on which a door is open: this machine's own, and nobody else's. */
export const doorAddresses = ["127.0.0.1", "::1"] as const;

/**
 * Opens a door on 127.0.0.1 and, where the machine has it, ::1, or on listening sockets that somebody else opened (`fds`).
 * Rejects when the port is taken.
 */
export async function openDoor(port: number, fds: readonly number[] = []): Promise<OpenDoor> {
  let targets: readonly Target[] = [];
  let turn = 0;
  const open = new Set<Socket>();
  const serve = () =>
    createServer({ allowHalfOpen: true, pauseOnConnect: true }, (client) => {
      forward(
        client,
        () => (targets.length === 0 ? undefined : targets[turn++ % targets.length]),
        targets.length,
        open,
      );
    });
  const servers =
    fds.length > 0
      ? await Promise.all(fds.map((fd) => listen(serve(), { fd })))
      : await listenAt(port, doorAddresses, serve);
  return {
    port,
    lead(next) {
      targets = next;
    },
    async close() {
      for (const socket of open) socket.destroy();
      await Promise.all(servers.map((server) => new Promise((done) => server.close(done))));
    },
  };
}

/** Listens on a port of each address. A machine without IPv6 has one fewer; a port that is taken is an error: `port 8080 is taken`. */
export async function listenAt(
  port: number,
  addresses: readonly string[],
  serve: () => Server = () => createServer(),
): Promise<Server[]> {
  const servers: Server[] = [];
  for (const host of addresses) {
    try {
      servers.push(await listen(serve(), { port, host, ipv6Only: true }));
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (servers.length > 0 && code !== "EADDRINUSE") continue;
      for (const server of servers) server.close();
      throw code === "EADDRINUSE" ? new Error(`port ${port} is taken`) : error;
    }
  }
  return servers;
}

function listen(
  server: Server,
  at: { fd: number } | { port: number; host: string; ipv6Only?: boolean },
): Promise<Server> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(at, () => resolve(server));
  });
}

/** A target that has not taken a connection in this time is passed over. Milliseconds. */
const patience = 3000;

/** Joins a client with a target: both directions on their own, back-pressure kept, a half-close passed on. Tries each target once. */
function forward(client: Socket, next: () => Target | undefined, tries: number, open: Set<Socket>): void {
  const to = next();
  if (to === undefined || tries <= 0) return void client.destroy();
  const server = connect({ host: to.address, port: to.port, allowHalfOpen: true, noDelay: true });
  let joined = false;
  // A reset is passed on as one: to the other side it is not the end of what was said.
  const end = () => {
    client.resetAndDestroy();
    server.resetAndDestroy();
  };
  open.add(client).add(server);
  server.once("connect", () => {
    joined = true;
    server.setTimeout(0);
    client.setNoDelay(true);
    client.pipe(server);
    server.pipe(client);
  });
  // An address that is gone does not even refuse.
  server.setTimeout(patience, () => {
    if (!joined) server.destroy(new Error("no answer"));
  });
  server.once("error", () => {
    open.delete(server);
    if (!joined && !client.destroyed) forward(client, next, tries - 1, open);
    else end();
  });
  client.on("error", end);
  client.on("close", () => {
    open.delete(client);
    server.destroy();
  });
  server.on("close", () => {
    open.delete(server);
    if (joined) client.destroySoon();
  });
}
