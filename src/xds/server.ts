import type { X509Certificate } from "node:crypto";
import type { IncomingHttpHeaders, ServerHttp2Stream } from "node:http2";
import type { TLSSocket } from "node:tls";
import type { Clock } from "../std/clock.ts";
import type { Log } from "../std/log.ts";
import { type ClientStreamMethod, serveClientStream } from "./client-stream.ts";
import { GRPC, type Refusal } from "./grpc.ts";
import { type Http2Endpoint, type Listening, listen } from "./listener.ts";
import { type PostMethod, servePost } from "./post.ts";
import { recogniser, refuse } from "./recognise.ts";
import type { Protocol, Session, SessionEvents } from "./session.ts";
import { createShelves } from "./shelf.ts";
import { createStrangers } from "./strangers.ts";
import { XdsStream } from "./stream.ts";
import { streamsPerConnection } from "./stream-count.ts";
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
  /** Other gRPC methods on the same ports, by path (`/package.Service/Method`); who may call which, each says itself. */
  readonly unary?: ReadonlyMap<string, UnaryMethod<StreamRequest>>;
  /** The same for methods that are sent a stream. */
  readonly streams?: ReadonlyMap<string, ClientStreamMethod<Peer>>;
  /** What is posted there without gRPC, by path. */
  readonly posts?: ReadonlyMap<string, PostMethod<Peer>>;
  /** A call was refused, as nobody knows who calls. */
  onStranger?(request: StreamRequest): void;
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
  const common = { controlPlane, clock, log };
  const strangers = createStrangers(clock);
  const recognise = recogniser({ ...options, strangers });
  const shelves = createShelves();
  const enter = streamsPerConnection();
  let count = 0;
  let draining = false;

  const start = (stream: ServerHttp2Stream, protocol: Protocol, request: StreamRequest, peer: Peer) => {
    const refusal = enter(stream);
    if (refusal) return refuse(stream, refusal);
    const id = ++count;
    const forget = (session: Session<Peer>, reason: string) => {
      open.delete(id);
      options.onClose?.(session, reason);
    };
    const events = { ...options, onClose: forget, open: (session: Session<Peer>) => admit(session) };
    const shelf = shelves.of(addressOf(stream));
    const { remoteAddress } = request;
    const xds = new XdsStream(stream, { ...events, ...common, id, peer, protocol, remoteAddress, shelf });
    const admit = (session: Session<Peer>) => {
      open.set(id, xds);
      const refusal = options.open(session);
      if (refusal) open.delete(id);
      return refusal;
    };
  };

  const route = async (stream: ServerHttp2Stream, headers: IncomingHttpHeaders) => {
    const path = String(headers[":path"]);
    const [protocol, unary, streamed] = [METHODS.get(path), options.unary?.get(path), options.streams?.get(path)];
    const posted = isPlainPost(headers) ? options.posts?.get(path) : undefined;
    if (isGrpc(headers) ? !protocol && !unary && !streamed : !posted) {
      strangers.refused(stream.session);
      return refuseMethod(stream, headers);
    }
    if (protocol && draining) {
      stream.session?.close();
      return refuse(stream, { status: GRPC.unavailable, message: leaving });
    }
    const request = describe(stream, headers);
    const peer = await recognise(stream, request);
    if (peer === undefined) return;
    if (posted) servePost(stream, headers, (body) => posted(peer, body, headers), { clock, log });
    else if (protocol) start(stream, protocol, request, peer);
    else if (unary) serveUnary(stream, request, unary, { clock, log });
    else if (streamed) serveClientStream(stream, enter(stream) ?? streamed(peer));
  };
  const onStream = (stream: ServerHttp2Stream, headers: IncomingHttpHeaders) => {
    stream.on("error", (error) => log.debug("gRPC stream failed", { error: error.message }));
    route(stream, headers).catch((error: Error) => {
      log.error("a gRPC stream failed by a fault of ours", { error: error.stack });
      stream.destroy();
    });
  };

  return {
    async listen(endpoint) {
      const port = await listen(endpoint, { clock, log, strangers, onStream });
      ports.push(port);
      return port;
    },
    sessions: () => [...open.values()],
    async drain(ms) {
      draining = true;
      await leaveInTurn([...open.values()], ms, clock);
    },
    async close() {
      for (const session of open.values()) session.close(leaving);
      await Promise.all(ports.splice(0).map((port) => port.close()));
    },
  };
}

async function leaveInTurn<Peer>(sessions: readonly XdsStream<Peer>[], ms: number, clock: Clock): Promise<void> {
  for (const [index, session] of sessions.entries()) {
    session.leave(leaving);
    if (index < sessions.length - 1) await new Promise<void>((resolve) => clock.after(ms / sessions.length, resolve));
  }
}

/** All connections of one machine or Pod have one. */
function addressOf(stream: ServerHttp2Stream): string {
  return stream.session?.socket?.remoteAddress ?? "";
}

function isGrpc(headers: IncomingHttpHeaders): boolean {
  return headers[":method"] === "POST" && String(headers["content-type"]).startsWith("application/grpc");
}

function isPlainPost(headers: IncomingHttpHeaders): boolean {
  return headers[":method"] === "POST" && !isGrpc(headers);
}

function refuseMethod(stream: ServerHttp2Stream, headers: IncomingHttpHeaders): void {
  if (isGrpc(headers)) {
    refuse(stream, { status: GRPC.unimplemented, message: `there is no method ${headers[":path"]} here` });
    return;
  }
  stream.respond({ ":status": headers[":method"] === "POST" ? 415 : 405 }, { endStream: true });
  stream.resume();
}

function describe(stream: ServerHttp2Stream, headers: IncomingHttpHeaders): StreamRequest {
  const socket = stream.session?.socket as Partial<TLSSocket> | undefined;
  const remoteAddress = `${socket?.remoteAddress ?? "unknown"}:${socket?.remotePort ?? 0}`;
  if (!socket?.encrypted) return { headers, remoteAddress };
  const certificate = socket.getPeerX509Certificate?.();
  const tls = { authorized: socket.authorized === true, ...(certificate ? { certificate } : {}) };
  return { headers, remoteAddress, tls };
}
