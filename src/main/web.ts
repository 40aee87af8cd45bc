import type { IncomingMessage, Server } from "node:http";
import type { Server as SecureServer } from "node:https";
import { join } from "node:path";
import type { MeshActions } from "../api/actions.ts";
import { createApi } from "../api/create-api.ts";
import type { Editing } from "../api/editing.ts";
import type { MeshState } from "../api/state.ts";
import type { AuditLog } from "../api/who/audit.ts";
import type { SharedTexts } from "../api/who/session-home.ts";
import type { Authority } from "../ca/authority.ts";
import { CliError, exitCodes } from "../cli/exit.ts";
import type { SpanSource } from "../model/span.ts";
import type { Clock } from "../std/clock.ts";
import type { Log } from "../std/log.ts";
import type { Random } from "../std/random.ts";
import type { accessParts } from "./access.ts";
import { consoleServer } from "./console-server.ts";
import { packageDir } from "./data.ts";
import { bound } from "./http-port.ts";
import type { Observation } from "./observation.ts";
import { ownUser } from "./own-user.ts";

export interface WebOptions {
  readonly ports: readonly { readonly host: string; readonly port: number }[];
  readonly state: MeshState;
  readonly actions: MeshActions;
  readonly editing: Editing;
  readonly observation: Observation;
  /** Who is asked for traces. */
  readonly spans: SpanSource;
  readonly token: string;
  /** Whether who reaches the port by loopback may read: in a Pod those alone do whom Kubernetes lets. From elsewhere everybody has to log in. */
  readonly readers: "own-user" | "everybody";
  /** Who may log in, how, and what they may. */
  readonly access: ReturnType<typeof accessParts>;
  readonly audit: AuditLog;
  /** Where sessions are kept that more than this process knows. */
  readonly sharedSessions: SharedTexts;
  /** Who signs the certificates by which a proxy before the console is known. */
  readonly authority: Pick<Authority, "roots" | "onChange"> | undefined;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
}

/** The API, the console and `/metrics`. */
export interface Web {
  readonly loginPath: () => string;
  close(): Promise<void>;
}

/** A token for who may change the mesh. */
export function newToken(random: Random): string {
  return Buffer.from(random.bytes(24)).toString("base64url");
}

/** Opens the ports. Rejects with a CliError when one is taken. */
export async function openWeb(options: WebOptions): Promise<Web> {
  const { state, actions, editing, observation, token, clock, random, log } = options;
  const user = ownUser();
  const { settings, ...access } = options.access;
  const mayRead = async ({ socket }: IncomingMessage) =>
    settings.machine === "read" &&
    isLoopback(socket.remoteAddress) &&
    (options.readers === "everybody" || user.at(socket));
  const api = createApi({
    store: observation.store,
    ...(observation.history === undefined ? {} : { history: observation.history }),
    spans: options.spans,
    state,
    actions,
    editing,
    clock,
    consoleDir: join(packageDir, "console", "dist"),
    token,
    secret: () => Buffer.from(random.bytes(32)).toString("base64url"),
    ...access,
    audit: options.audit,
    sharedSessions: options.sharedSessions,
    mayRead,
    metrics: observation.page,
    onFault: (error, path) => log.error("request failed", { path, error: (error as Error).stack ?? String(error) }),
  });
  const servers = await Promise.all(
    options.ports.map(({ host, port }) => listen(consoleServer(settings, options.authority, api.handle), host, port)),
  );
  return {
    loginPath: () => api.loginPath(),
    async close() {
      api.close();
      await Promise.all(servers.map(closed));
    },
  };
}

function isLoopback(address = ""): boolean {
  return /^(::ffff:)?127\.|^::1$/.test(address);
}

function listen(server: Server | SecureServer, host: string, port: number): Promise<Server | SecureServer> {
  return new Promise((resolve, reject) => {
    server.once("error", (error: NodeJS.ErrnoException) => reject(taken(error, host, port)));
    bound(server);
    server.listen({ host, port }, () => resolve(server));
  });
}

/** Why a port cannot be opened, in the user's words. */
export function taken(error: NodeJS.ErrnoException, host: string, port: number): Error {
  if (error.code === "EADDRINUSE") {
    return new CliError(
      exitCodes.conflict,
      `port ${port} on ${host} is taken`,
      `stop what listens there (ss -ltnp 'sport = :${port}'), or choose another with --console-port`,
    );
  }
  return error.code === "EACCES"
    ? new CliError(
        exitCodes.denied,
        `port ${port} on ${host} may not be opened by this user`,
        "choose one above 1023 with --console-port",
      )
    : error;
}

function closed(server: Server | SecureServer): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
