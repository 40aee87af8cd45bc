import type { IncomingHttpHeaders } from "node:http2";
import {
  createSecureServer,
  createServer,
  type Http2SecureServer,
  type Http2Server,
  type ServerHttp2Session,
  type ServerHttp2Stream,
} from "node:http2";
import type { AddressInfo } from "node:net";
import type { Clock } from "../std/clock.ts";
import type { Log } from "../std/log.ts";
import type { Strangers } from "./strangers.ts";

/** What a TLS port shows, in PEM. Clients are asked for a certificate, and `ca` verifies it; whether one is needed is not decided here. */
export interface TlsMaterial {
  readonly key: string;
  readonly cert: string;
  readonly ca: string;
  /** The least version; TLS 1.2 when absent. */
  readonly minVersion?: TlsVersion;
}

export type TlsVersion = "TLSv1.2" | "TLSv1.3";

export interface Http2Endpoint {
  /** `0.0.0.0`, `::`, `127.0.0.1`. */
  readonly host: string;
  /** 0 lets the system choose. */
  readonly port: number;
  readonly tls?: TlsMaterial;
}

export interface Listening {
  readonly host: string;
  readonly port: number;
  /** New material for connections from now on. */
  setTls(tls: TlsMaterial): void;
  close(): Promise<void>;
}

interface ListenerContext {
  readonly clock: Clock;
  readonly log: Log;
  readonly strangers: Strangers;
  onStream(stream: ServerHttp2Stream, headers: IncomingHttpHeaders): void;
}

const PING_EVERY_MS = 30_000;
const PONG_WITHIN_MS = 20_000;
const CLOSE_WITHIN_MS = 2_000;

const OPTIONS = {
  // What a peer may send before anybody reads it: the window, on each of its streams.
  settings: { initialWindowSize: 1 << 16, maxConcurrentStreams: 256, maxHeaderListSize: 32 * 1024 },
  // Megabytes. The default of 10 counts what is queued: one push to a large proxy would refuse its next stream.
  maxSessionMemory: 1024,
  maxHeaderListPairs: 100,
  // Streams that a peer opens and takes back: a burst, then so many a second (CVE-2023-44487).
  streamResetBurst: 500,
  streamResetRate: 50,
  maxSessionInvalidFrames: 50,
  maxSessionRejectedStreams: 100,
  unknownProtocolTimeout: 5_000,
};
const HANDSHAKE_MS = 10_000;

/** Opens an HTTP/2 port. Fails when it is taken, with the address and what to do in the message. */
export async function listen(endpoint: Http2Endpoint, context: ListenerContext): Promise<Listening> {
  const { host, port, tls } = endpoint;
  const server = tls
    ? createSecureServer({ ...OPTIONS, ...secure(tls), ALPNProtocols: ["h2"], handshakeTimeout: HANDSHAKE_MS })
    : createServer(OPTIONS);
  const sessions = new Set<ServerHttp2Session>();
  server.on("session", (session: ServerHttp2Session) => {
    sessions.add(session);
    context.strangers.add(session);
    const stop = keepAlive(session, context);
    session.on("error", (error) => context.log.debug("HTTP/2 connection failed", { error: error.message }));
    session.on("close", () => {
      sessions.delete(session);
      stop();
    });
  });
  server.on("sessionError", (error: Error) => context.log.debug("HTTP/2 connection failed", { error: error.message }));
  server.on("tlsClientError", (error: Error) => context.log.debug("TLS handshake failed", { error: error.message }));
  server.on("stream", context.onStream);
  await bind(server, host, port);
  server.on("error", (error: Error) => context.log.error("xDS port failed", { host, port, error: error.message }));
  return {
    host,
    port: (server.address() as AddressInfo).port,
    setTls: (material) => {
      if ("setSecureContext" in server) server.setSecureContext(secure(material));
    },
    close: () => shut(server, sessions, context.clock),
  };
}

function secure(tls: TlsMaterial) {
  return { minVersion: "TLSv1.2" as const, ...tls, requestCert: true, rejectUnauthorized: false };
}

function bind(server: Http2Server | Http2SecureServer, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", (error: NodeJS.ErrnoException) => {
      const taken = error.code === "EADDRINUSE";
      const advice = taken ? "the port is taken; stop the program that has it, or choose another" : error.message;
      reject(new Error(`xDS address ${host}:${port}: ${advice}`, { cause: error }));
    });
    server.listen(port, host, () => {
      server.removeAllListeners("error");
      resolve();
    });
  });
}

/** A peer that vanished without a word is noticed by a ping that stays unanswered. */
function keepAlive(session: ServerHttp2Session, { clock, log }: ListenerContext): () => void {
  let stop = () => {};
  const rest = () => {
    stop = clock.after(PING_EVERY_MS, ping);
  };
  const ping = () => {
    if (session.destroyed) return;
    stop = clock.after(PONG_WITHIN_MS, () => {
      log.info("HTTP/2 connection does not answer; closed", { remoteAddress: session.socket?.remoteAddress });
      session.destroy();
    });
    const asked = session.ping((error) => {
      stop();
      if (!error && !session.destroyed) rest();
    });
    if (!asked) stop();
  };
  rest();
  return () => stop();
}

/** Says GOAWAY, lets what is under way end, then cuts. */
function shut(server: Http2Server | Http2SecureServer, sessions: Set<ServerHttp2Session>, clock: Clock): Promise<void> {
  return new Promise((resolve) => {
    const cancel = clock.after(CLOSE_WITHIN_MS, () => {
      for (const session of sessions) session.destroy();
    });
    server.close(() => {
      cancel();
      resolve();
    });
    for (const session of sessions) session.close();
  });
}
