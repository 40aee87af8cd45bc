import type { Server } from "node:http";
import type { Server as SecureServer } from "node:https";
import { CliError, exitCodes } from "../cli/exit.ts";

const mostConnections = 512;
const mostHeaders = 100;
/** A request's headers come within this time, all of it within the other. */
const headersMs = 10_000;
const requestMs = 60_000;

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
    bound(server);
    server.listen({ host, port }, () => resolve({ close: () => closed(server) }));
  });
}

/** What anybody who reaches a port may take of it. */
export function bound(server: Server | SecureServer): void {
  server.maxConnections = mostConnections;
  server.headersTimeout = Math.min(server.headersTimeout, headersMs);
  server.requestTimeout = Math.min(server.requestTimeout, requestMs);
  server.maxHeadersCount = mostHeaders;
}

function closed(server: Server | SecureServer): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
