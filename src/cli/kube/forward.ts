import { createServer, type Server, type Socket } from "node:net";
import type { Duplex } from "node:stream";
import { CliError, exitCodes } from "../exit.ts";
import type { KubeCluster } from "./cluster.ts";
import type { Door } from "./doors.ts";

/** A port of this machine that leads into a Pod. */
export interface Forward {
  /** `http://127.0.0.1:41230`. */
  readonly url: string;
  close(): void;
}

/**
 * Opens it. Each connection is forwarded by itself, to the Pod that is there then: one that is lost takes none with it. `warn` hears why one failed.
 * Rejects with a CliError where the port is taken.
 */
export async function openForward(
  cluster: KubeCluster,
  door: Door,
  { address, port }: { readonly address: string; readonly port: number },
  warn: (says: string) => void,
): Promise<Forward> {
  const open = new Set<Duplex>();
  const keep = <T extends Duplex>(stream: T): T => {
    open.add(stream);
    stream.on("close", () => open.delete(stream));
    return stream;
  };
  const server = createServer(async (socket) => {
    keep(socket).on("error", () => {});
    try {
      join(socket, keep(await cluster.connect(await door.find())), warn);
    } catch (error) {
      warn((error as Error).message);
      socket.destroy();
    }
  });
  const bound = await listen(server, address, port);
  return {
    url: `http://${address.includes(":") ? `[${address}]` : address}:${bound}`,
    close() {
      server.close();
      for (const stream of open) stream.destroy();
    },
  };
}

function join(socket: Socket, stream: Duplex, warn: (says: string) => void): void {
  stream.on("error", (error) => {
    warn(error.message);
    socket.destroy();
  });
  // The protocol has no half-close: whoever ends, ends both.
  stream.on("close", () => socket.end());
  socket.on("close", () => stream.destroy());
  socket.pipe(stream).pipe(socket);
}

function listen(server: Server, address: string, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once("error", ({ code, message }: NodeJS.ErrnoException) => {
      const why = code === "EADDRINUSE" ? "something listens there already" : message;
      reject(
        new CliError(exitCodes.conflict, `${address}:${port}: ${why}`, "choose another with --port, or leave it out"),
      );
    });
    server.listen(port, address, () => resolve((server.address() as { port: number }).port));
  });
}
