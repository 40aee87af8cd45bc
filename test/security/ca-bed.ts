import { mkdtempSync } from "node:fs";
import { type ClientHttp2Session, connect } from "node:http2";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { create, fromBinary, type MessageInitShape, toBinary } from "@bufbuild/protobuf";
import { vi } from "vitest";
import { type Authority, openAuthority } from "../../src/ca/authority.ts";
import { CREATE_CERTIFICATE, type Impersonation } from "../../src/ca/certificate-service.ts";
import { PrivateFiles } from "../../src/ca/private-files.ts";
import { openTokens, type Tokens } from "../../src/ca/token.ts";
import {
  IstioCertificateRequestSchema,
  IstioCertificateResponseSchema,
} from "../../src/gen/security/v1alpha1/ca_pb.js";
import { authenticator } from "../../src/main/authentication.ts";
import { certificateMethod, strangersCounted } from "../../src/main/certificate-method.ts";
import type { Clock } from "../../src/std/clock.ts";
import type { Log } from "../../src/std/log.ts";
import { controlPlaneMetrics } from "../../src/telemetry/control-plane.ts";
import { createXdsServer } from "../../src/xds/server.ts";

export const log: Log = { debug() {}, info() {}, warn() {}, error() {}, with: () => log };
export const random = { next: Math.random, bytes: (length: number) => crypto.getRandomValues(new Uint8Array(length)) };
export const trustDomain = "cluster.local";

/** Real timers, and a time that is moved by hand. */
export class ShiftedClock implements Clock {
  shift = 0;

  now(): number {
    return Date.now() + this.shift;
  }

  after(ms: number, run: () => void): () => void {
    const timer = setTimeout(run, ms);
    return () => clearTimeout(timer);
  }
}

export function identity(serviceAccount: string) {
  return { trustDomain, namespace: "default", serviceAccount };
}

/** Private files of a new folder. */
export function newFiles(): PrivateFiles {
  return new PrivateFiles(join(mkdtempSync(join(tmpdir(), "weft-security-")), "ca"), log);
}

export function authorityOf(files: PrivateFiles, clock: Clock, leafLifeMs?: number): Promise<Authority> {
  const life = leafLifeMs === undefined ? {} : { settings: { leafLifeMs } };
  return openAuthority({ home: files, trustDomain, clock, random, log, ...life });
}

export interface Shown {
  readonly token?: string;
  readonly certificate?: { readonly chain: string; readonly key: { pem(): string } };
}

/** What an agent was answered: a chain, or a gRPC status with its message. */
export type Answered = { readonly chain: readonly string[] } | { readonly status: number; readonly message: string };

/** The certificate service as a control plane serves it, on a TLS port. */
export class CaBed {
  readonly clock = new ShiftedClock();
  readonly files = newFiles();
  readonly metrics = controlPlaneMetrics({
    version: "test",
    connectedProxies: () => 0,
    services: () => 0,
    virtualServices: () => 0,
  });
  authority!: Authority;
  tokens!: Pick<Tokens, "verify">;
  #own!: Tokens;
  #port = 0;
  #close = async () => {};

  async open(options: { readonly impersonation?: Impersonation; readonly tokens?: Pick<Tokens, "verify"> } = {}) {
    this.authority = await authorityOf(this.files, this.clock);
    this.#own = await openTokens({ files: this.files, trustDomain, clock: this.clock, log });
    this.tokens = options.tokens ?? this.#own;
    const authenticate = authenticator(this.tokens, this.clock);
    const { authority, metrics } = this;
    const server = createXdsServer({
      ...{ clock: this.clock, log, authenticate, open: () => undefined },
      onStranger: strangersCounted(metrics),
      unary: new Map([certificateMethod({ ...options, authority, authenticate, metrics, log })]),
    });
    const own = await authority.issueServer(identity("istiod"), { dns: ["localhost"], ips: ["127.0.0.1"] });
    const tls = { key: own.key.pem(), cert: own.chain, ca: authority.roots.join("") };
    this.#port = (await server.listen({ host: "127.0.0.1", port: 0, tls })).port;
    this.#close = () => server.close();
    return this;
  }

  close(): Promise<void> {
    return this.#close();
  }

  token(serviceAccount = "reviews", lifeMs?: number): Promise<string> {
    return this.#own.issue({ identity: identity(serviceAccount), pod: `${serviceAccount}-0` }, lifeMs);
  }

  /** One call on a connection of its own, as an agent makes it. `request` may be bytes that are no request. */
  async ask(
    request: MessageInitShape<typeof IstioCertificateRequestSchema> | Uint8Array,
    { token, certificate }: Shown,
  ): Promise<Answered> {
    const shown = certificate === undefined ? {} : { cert: certificate.chain, key: certificate.key.pem() };
    const connection = connect(`https://localhost:${this.#port}`, { ca: this.authority.roots.join(""), ...shown });
    try {
      const bytes =
        request instanceof Uint8Array
          ? request
          : toBinary(IstioCertificateRequestSchema, create(IstioCertificateRequestSchema, request));
      return await call(connection, bytes, token);
    } finally {
      connection.destroy();
    }
  }

  async metric(name: string): Promise<number> {
    const found = await this.metrics.registry.getSingleMetric(name)?.get();
    return found?.values[0]?.value ?? Number.NaN;
  }
}

async function call(connection: ClientHttp2Session, message: Uint8Array, token?: string): Promise<Answered> {
  let failed: Error | undefined;
  connection.on("error", (error: Error) => {
    failed = error;
  });
  const stream = connection.request({
    ...{ ":method": "POST", ":path": CREATE_CERTIFICATE, "content-type": "application/grpc", te: "trailers" },
    ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
  });
  const chunks: Buffer[] = [];
  let said: Record<string, unknown> = {};
  stream.on("response", (headers) => {
    said = { ...said, ...headers };
  });
  stream.on("trailers", (trailers) => {
    said = { ...said, ...trailers };
  });
  stream.on("data", (chunk: Buffer) => chunks.push(chunk));
  stream.on("error", (error: Error) => {
    failed = error;
  });
  const prefix = Buffer.alloc(5);
  prefix.writeUInt32BE(message.length, 1);
  stream.end(Buffer.concat([prefix, message]));
  await vi.waitFor(() => {
    if (!stream.closed) throw new Error("the call goes on");
  });
  const status = Number(said["grpc-status"] ?? Number.NaN);
  if (status === 0) {
    const { certChain } = fromBinary(IstioCertificateResponseSchema, Buffer.concat(chunks).subarray(5));
    return { chain: certChain };
  }
  return { status, message: decodeURIComponent(String(said["grpc-message"] ?? failed?.message ?? "")) };
}
