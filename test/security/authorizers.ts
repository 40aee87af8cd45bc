import { once } from "node:events";
import { createServer } from "node:http";
import http2 from "node:http2";
import { type AddressInfo, createServer as createTcpServer, type Server } from "node:net";
import { buffer } from "node:stream/consumers";
import { create, fromBinary, type MessageInitShape, toBinary } from "@bufbuild/protobuf";
import {
  type CheckRequest,
  CheckRequestSchema,
  CheckResponseSchema,
} from "../../src/gen/envoy/service/auth/v3/external_auth_pb.js";

// Those who are asked: real servers over HTTP and gRPC, which answer as a test tells them.

/** What a provider does with a question. */
export type Verdict = "allow" | "refuse" | "fail" | "never answer";

export interface Asked {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly body: string;
}

export interface AuthorizerServer {
  readonly port: number;
  /** Questions since the last look. */
  took(): readonly Asked[];
  verdict: Verdict;
  stop(): Promise<void>;
}

/** Over HTTP: it allows with headers for the application and the client, and refuses with a page of its own. */
export async function httpAuthorizer(name: string): Promise<AuthorizerServer> {
  const asked: Asked[] = [];
  const server = createServer(async (request, response) => {
    const body = (await buffer(request)).toString();
    asked.push({ method: request.method ?? "", path: request.url ?? "", headers: request.headers, body });
    const said = { "x-by": name, "x-told": name, "x-secret": name };
    if (made.verdict === "allow") response.writeHead(200, said).end();
    else if (made.verdict === "refuse") response.writeHead(401, said).end(`${name} says no`);
    else if (made.verdict === "fail") response.writeHead(500).end();
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const made: AuthorizerServer = {
    port: (server.address() as AddressInfo).port,
    verdict: "allow",
    took: () => asked.splice(0),
    async stop() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
  return made;
}

/** Over gRPC: `envoy.service.auth.v3.Authorization`, of requests and of connections. */
export async function grpcAuthorizer(name: string): Promise<AuthorizerServer> {
  const asked: Asked[] = [];
  const sessions = new Set<http2.Http2Session>();
  const server = http2.createServer();
  server.on("session", (session) => sessions.add(session.on("close", () => sessions.delete(session))));
  server.on("stream", async (stream, headers) => {
    stream.on("error", () => {});
    const frame = await buffer(stream);
    asked.push(questionOf(fromBinary(CheckRequestSchema, frame.subarray(5)), headers));
    if (made.verdict === "never answer") return;
    const fails = made.verdict === "fail";
    stream.respond({ ":status": 200, "content-type": "application/grpc" }, { waitForTrailers: true });
    stream.on("wantTrailers", () => stream.sendTrailers({ "grpc-status": fails ? "13" : "0" }));
    stream.end(fails ? undefined : framed(made.verdict === "allow" ? allowed(name) : refused(name)));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const made: AuthorizerServer = {
    port: (server.address() as AddressInfo).port,
    verdict: "allow",
    took: () => asked.splice(0),
    async stop() {
      for (const session of sessions) session.destroy();
      server.close();
      await once(server, "close");
    },
  };
  return made;
}

function questionOf({ attributes }: CheckRequest, headers: http2.IncomingHttpHeaders): Asked {
  const http = attributes?.request?.http;
  const { method = "", path = "", body = "", rawBody } = http ?? {};
  return {
    ...{ method, path, headers: { ...http?.headers, ":authority": headers[":authority"] } },
    body: body || Buffer.from(rawBody ?? []).toString(),
  };
}

type Answer = MessageInitShape<typeof CheckResponseSchema>;

function allowed(name: string): Answer {
  const headers = [{ header: { key: "x-by", value: name } }];
  return { status: { code: 0 }, httpResponse: { case: "okResponse", value: { headers } } };
}

function refused(name: string): Answer {
  const value = {
    status: { code: 401 },
    headers: [{ header: { key: "x-told", value: name } }],
    body: `${name} says no`,
  };
  return { status: { code: 7 }, httpResponse: { case: "deniedResponse", value } };
}

function framed(answer: Answer): Buffer {
  const body = toBinary(CheckResponseSchema, create(CheckResponseSchema, answer));
  const head = Buffer.alloc(5);
  head.writeUInt32BE(body.length, 1);
  return Buffer.concat([head, body]);
}

/** Sends back all that it gets. */
export async function tcpEcho(): Promise<Server> {
  const server = createTcpServer((socket) => socket.on("error", () => {}).pipe(socket)).listen(0, "127.0.0.1");
  await once(server, "listening");
  return server;
}
