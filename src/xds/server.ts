import type { X509Certificate } from "node:crypto";
import type { IncomingHttpHeaders, ServerHttp2Stream } from "node:http2";
import type { TLSSocket } from "node:tls";
import type { Clock } from "../std/clock.ts";
import type { Log } from "../std/log.ts";
import { GRPC, hangUp, type Refusal, statusTrailers } from "./grpc.ts";
import { type Http2Endpoint, type Listening, listen } from "./listener.ts";
import type { Protocol, Session, SessionEvents } from "./session.ts";
import { XdsStream } from "./stream.ts";
import { serveUnary, type UnaryMethod } from "./unary.ts";

/** A stream as it arrives, before anything of its body is read. */
export interface StreamRequest {
  readonly headers: IncomingHttpHeaders;
  readonly remoteAddress: string;
  /** Absent on a plaintext connection. `authorized`: the certificate was verified against the listener's roots. */
  readonly tls?: { readonly certificate?: X509Certificate; readonly authorized: boolean };
}

/** Who opened the stream, or why it is refused. */
export type Authentication<Peer> = { readonly peer: Peer } | { readonly refusal: Refusal };

export interface XdsServerOptions<Peer> extends SessionEvents<Peer> {
  readonly clock: Clock;
  readonly log: Log;
  /** Who answers; Envoy shows it in its statistics. */
  readonly controlPlane?: string;
  /** Other gRPC methods on the same ports, by path (`/package.Service/Method`); each checks its caller itself. */
  readonly unary?: ReadonlyMap<string, UnaryMethod<StreamRequest>>;
  /** Called before anything is parsed. */
  authenticate(request: StreamRequest): Promise<Authentication<Peer>>;
  /** Called with the first request's node in `session.node`; may push at once, or refuse: an identity that does not match its node. */
  open(session: Session<Peer>): Refusal | undefined;
}

export interface XdsServer<Peer> {
  /** Opens a port; plaintext when `endpoint.tls` is absent. */
  listen(endpoint: Http2Endpoint): Promise<Listening>;
  sessions(): readonly Session<Peer>[];
  /** Takes no new stream, and sends the proxies away one after the other over `ms`, so that they do not all ask elsewhere at once. */
  drain(ms: number): Promise<void>;
  /** Tells every proxy to go, closes the ports. */
  close(): Promise<void>;
}

const leaving = "the control plane is going down";

const METHODS: ReadonlyMap<string, Protocol> = new Map([
  [
    "/envoy.service.discovery.v3.AggregatedDiscoveryService/DeltaAggregatedResources",
    { service: "ads", variant: "delta" },
  ],
  [
    "/envoy.service.discovery.v3.AggregatedDiscoveryService/StreamAggregatedResources",
    { service: "ads", variant: "sotw" },
  ],
  ["/envoy.service.secret.v3.SecretDiscoveryService/DeltaSecrets", { service: "sds", variant: "delta" }],
  ["/envoy.service.secret.v3.SecretDiscoveryService/StreamSecrets", { service: "sds", variant: "sotw" }],
]);

/** The xDS server. It knows names, versions and bytes; what they are, `open` and the events' owner decide. */
export function createXdsServer<Peer>(options: XdsServerOptions<Peer>): XdsServer<Peer> {
  const open = new Map<number, XdsStream<Peer>>();
  const ports: Listening[] = [];
  const { clock, log, controlPlane = "weft" } = options;
  let count = 0;
  let draining = false;

  const start = (stream: ServerHttp2Stream, protocol: Protocol, request: StreamRequest, peer: Peer) => {
    const id = ++count;
    const forget = (session: Session<Peer>, reason: string) => {
      open.delete(id);
      options.onClose?.(session, reason);
    };
    const { remoteAddress } = request;
    const events = { ...options, onClose: forget, open: (session: Session<Peer>) => admit(session) };
    const xds = new XdsStream(stream, { ...events, id, peer, protocol, remoteAddress, controlPlane, clock, log });
    const admit = (session: Session<Peer>) => {
      open.set(id, xds);
      const refusal = options.open(session);
      if (refusal) open.delete(id);
      return refusal;
    };
  };

  const accept = async (stream: ServerHttp2Stream, headers: IncomingHttpHeaders, protocol: Protocol) => {
    if (draining) {
      stream.session?.close();
      return refuse(stream, { status: GRPC.unavailable, message: leaving });
    }
    const request = describe(stream, headers);
    const answer = await options.authenticate(request).catch((error: Error) => {
      log.error("authentication failed to run", { remoteAddress: request.remoteAddress, error: error.message });
      return { refusal: { status: GRPC.unavailable, message: "identities cannot be checked now; try again" } };
    });
    if (stream.destroyed || stream.aborted) return;
    if ("peer" in answer) return start(stream, protocol, request, answer.peer);
    log.warn("xDS stream refused", { remoteAddress: request.remoteAddress, reason: answer.refusal.message });
    refuse(stream, answer.refusal);
  };

  const onStream = (stream: ServerHttp2Stream, headers: IncomingHttpHeaders) => {
    stream.on("error", (error) => log.debug("xDS stream failed", { error: error.message }));
    const protocol = METHODS.get(String(headers[":path"]));
    const unary = options.unary?.get(String(headers[":path"]));
    if (protocol && isGrpc(headers)) void accept(stream, headers, protocol);
    else if (unary && isGrpc(headers)) serveUnary(stream, describe(stream, headers), unary, { clock, log });
    else refuseMethod(stream, headers);
  };

  return {
    async listen(endpoint) {
      const port = await listen(endpoint, { clock, log, onStream });
      ports.push(port);
      return port;
    },
    sessions: () => [...open.values()],
    async drain(ms) {
      draining = true;
      const sessions = [...open.values()];
      for (const [index, session] of sessions.entries()) {
        session.leave(leaving);
        if (index < sessions.length - 1)
          await new Promise<void>((resolve) => clock.after(ms / sessions.length, resolve));
      }
    },
    async close() {
      for (const session of open.values()) session.close(leaving);
      await Promise.all(ports.splice(0).map((port) => port.close()));
    },
  };
}

function isGrpc(headers: IncomingHttpHeaders): boolean {
  return headers[":method"] === "POST" && String(headers["content-type"]).startsWith("application/grpc");
}

function refuseMethod(stream: ServerHttp2Stream, headers: IncomingHttpHeaders): void {
  if (isGrpc(headers)) {
    refuse(stream, { status: GRPC.unimplemented, message: `there is no method ${headers[":path"]} here` });
    return;
  }
  stream.respond({ ":status": headers[":method"] === "POST" ? 415 : 405 }, { endStream: true });
  stream.resume();
}

/** A refusal as gRPC sends it when there is nothing else to say: headers alone. */
function refuse(stream: ServerHttp2Stream, refusal: Refusal): void {
  stream.respond(
    { ":status": 200, "content-type": "application/grpc", ...statusTrailers(refusal) },
    { endStream: true },
  );
  stream.resume();
  hangUp(stream);
}

function describe(stream: ServerHttp2Stream, headers: IncomingHttpHeaders): StreamRequest {
  const socket = stream.session?.socket as Partial<TLSSocket> | undefined;
  const remoteAddress = `${socket?.remoteAddress ?? "unknown"}:${socket?.remotePort ?? 0}`;
  if (!socket?.encrypted) return { headers, remoteAddress };
  const certificate = socket.getPeerX509Certificate?.();
  const tls = { authorized: socket.authorized === true, ...(certificate ? { certificate } : {}) };
  return { headers, remoteAddress, tls };
}
