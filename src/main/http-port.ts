import type { Server } from "node:http";
import type { Server as SecureServer } from "node:https";

/** An HTTP port of the control plane. */
export interface HttpPort {
  close(): Promise<void>;
}

/** Opens a port. Rejects where it is taken, with what the user can do. */
export function openPort(server: Server | SecureServer, what: string, host: string, port: number): Promise<HttpPort> {
  return new Promise((resolve, reject) => {
    server.once("error", (error: NodeJS.ErrnoException) => {
      const why = error.code === "EADDRINUSE" ? "it is taken; stop the program that has it" : error.message;
      reject(new Error(`${what} cannot listen on port ${port} of ${host}: ${why}`, { cause: error }));
    });
    server.listen({ host, port }, () => resolve({ close: () => closed(server) }));
  });
}

function closed(server: Server | SecureServer): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
