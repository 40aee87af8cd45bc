import type { Server } from "node:http";
import type { Server as SecureServer } from "node:https";
import { CliError, exitCodes } from "../cli/exit.ts";

/** An HTTP port of the control plane. */
export interface HttpPort {
  close(): Promise<void>;
}

/** Opens a port. Rejects where it is taken, with what the user can do. */
export function openPort(server: Server | SecureServer, what: string, host: string, port: number): Promise<HttpPort> {
  return new Promise((resolve, reject) => {
    server.once("error", (error: NodeJS.ErrnoException) => {
      const taken = error.code === "EADDRINUSE";
      const where = `${what} cannot listen on port ${port} of ${host}`;
      const fix = `stop what listens there (ss -ltnp 'sport = :${port}')`;
      reject(
        taken
          ? new CliError(exitCodes.conflict, `${where}: it is taken`, fix)
          : new Error(`${where}: ${error.message}`),
      );
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
