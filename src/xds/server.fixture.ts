import { type ClientHttp2Session, type ClientHttp2Stream, connect } from "node:http2";
import { fromBinary } from "@bufbuild/protobuf";
import { expect, vi } from "vitest";
import {
  type DeltaDiscoveryResponse,
  DeltaDiscoveryResponseSchema,
} from "../gen/envoy/service/discovery/v3/discovery_pb.js";
import type { Log } from "../std/log.ts";
import { encodeRequest, type RequestFields } from "./delta-client.fixture.ts";
import { FrameReader } from "./frames.ts";
import { createXdsServer, type XdsServer, type XdsServerOptions } from "./server.ts";

export const DELTA = "/envoy.service.discovery.v3.AggregatedDiscoveryService/DeltaAggregatedResources";
export const SOTW = "/envoy.service.discovery.v3.AggregatedDiscoveryService/StreamAggregatedResources";
export const log: Log = { debug() {}, info() {}, warn() {}, error() {}, with: () => log };
export const clock = {
  now: () => Date.now(),
  after(ms: number, run: () => void) {
    const timer = setTimeout(run, ms);
    return () => clearTimeout(timer);
  },
};

const open: { server: XdsServer<string>; connections: ClientHttp2Session[] }[] = [];

/** For afterEach: closes what the test started. */
export async function stopAll(): Promise<void> {
  for (const { server, connections } of open.splice(0)) {
    for (const connection of connections) connection.destroy();
    await server.close();
  }
}

/** A server on a port of its own, which knows one token, and a way to call it. */
export async function start(options: Partial<XdsServerOptions<string>> = {}) {
  const server = createXdsServer<string>({
    clock,
    log,
    authenticate: (request) => {
      const token = request.headers.authorization;
      if (token === "Bearer good") return Promise.resolve({ peer: "good" });
      return Promise.resolve({ refusal: { status: 16, message: "no token; 100 % needed" } });
    },
    open: () => undefined,
    ...options,
  });
  const { port } = await server.listen({ host: "127.0.0.1", port: 0 });
  const connections: ClientHttp2Session[] = [];
  open.push({ server, connections });
  const call = (path = DELTA, headers: Record<string, string> = {}) => {
    const connection = connect(`http://127.0.0.1:${port}`);
    connection.on("error", () => {});
    connections.push(connection);
    const all = { "content-type": "application/grpc", authorization: "Bearer good", te: "trailers", ...headers };
    return new Call(connection.request({ ":method": "POST", ":path": path, ...all }));
  };
  return { server, port, call };
}

/** The client's side of one call. */
class Call {
  readonly stream: ClientHttp2Stream;
  readonly messages: Buffer[] = [];
  headers: Record<string, unknown> = {};
  trailers: Record<string, unknown> = {};
  closed = false;

  constructor(stream: ClientHttp2Stream) {
    this.stream = stream;
    const frames = new FrameReader(1 << 30);
    stream.on("response", (headers) => {
      this.headers = headers;
    });
    stream.on("trailers", (trailers) => {
      this.trailers = trailers;
    });
    stream.on("data", (chunk: Buffer) => {
      const messages = frames.push(chunk);
      if (Array.isArray(messages)) this.messages.push(...messages.map((message) => Buffer.from(message)));
    });
    stream.on("error", () => {});
    stream.on("close", () => {
      this.closed = true;
    });
  }

  write(message: Uint8Array): void {
    const prefix = Buffer.alloc(5);
    prefix.writeUInt32BE(message.length, 1);
    this.stream.write(Buffer.concat([prefix, message]));
  }

  delta(fields: RequestFields): void {
    this.write(encodeRequest(fields));
  }

  async next(): Promise<DeltaDiscoveryResponse> {
    await vi.waitFor(() => expect(this.messages.length).toBeGreaterThan(0), { timeout: 10_000 });
    return fromBinary(DeltaDiscoveryResponseSchema, this.messages.shift() as Buffer);
  }

  async status(): Promise<string> {
    await vi.waitFor(() => expect(this.closed).toBe(true), { timeout: 10_000 });
    return String(this.trailers["grpc-status"] ?? this.headers["grpc-status"]);
  }
}

/** Timers that a test fires by hand. */
export function handClock() {
  const timers: { ms: number; run: () => void }[] = [];
  const after = (ms: number, run: () => void) => {
    const timer = { ms, run };
    timers.push(timer);
    return () => {
      if (timers.includes(timer)) timers.splice(timers.indexOf(timer), 1);
    };
  };
  const fire = (ms: number) => {
    const at = timers.findIndex((timer) => timer.ms === ms);
    for (const timer of timers.splice(at, at === -1 ? 0 : 1)) timer.run();
  };
  const waiting = () => timers.map((timer) => timer.ms).sort();
  return { clock: { now: clock.now, after }, fire, waiting };
}
