import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import http, { type IncomingMessage, type ServerResponse } from "node:http";
import http2, { type Http2ServerRequest, type Http2ServerResponse } from "node:http2";
import net, { type Socket } from "node:net";
import { join } from "node:path";
import type { TLSSocket } from "node:tls";
import type { Ledger } from "./ledger.ts";
import type { Manners, Report } from "./wire.ts";

export interface Station {
  readonly folder: string;
  /** NAMESPACE/NAME. */
  readonly workload: string;
  readonly ledger: Ledger;
}

type Request = IncomingMessage | Http2ServerRequest;
type Response = ServerResponse | Http2ServerResponse;

const pause = (seconds: number) => new Promise((next) => setTimeout(next, seconds * 1000));

/**
 * Opens all ports: HTTP/1 (WebSocket too) on 8080, 8081 and 8888, HTTP/2 without TLS (gRPC too) on 8082 and 7070, bytes on 9000, bytes that the
 * server begins on 3306, HTTP over TLS of the application's own on 9443.
 */
export async function listen(station: Station): Promise<void> {
  const answer = (request: Request, response: Response) =>
    void respond(station, request, response).catch(() => response.destroy());
  const file = (name: string) => readFileSync(join(station.folder, name));
  // Whoever keeps a connection to it must not meet its end: that the application ends what is idle is no matter of the mesh.
  const plain = () =>
    http
      .createServer({ keepAliveTimeout: 600_000 }, answer)
      .on("upgrade", (request, socket) => upgrade(station, request, socket as Socket));
  const tls = { key: file("workload-key.pem"), cert: file("workload.pem"), ca: file("ca.pem") };
  const servers: [number, { listen(port: number, done: () => void): unknown }][] = [
    ...[8080, 8081, 8888].map((port) => [port, plain()] as [number, http.Server]),
    ...[8082, 7070].map((port) => [port, http2.createServer(answer)] as [number, http2.Http2Server]),
    [9000, net.createServer((socket) => bytes(station, socket, false))],
    [3306, net.createServer((socket) => bytes(station, socket, true))],
    [
      9443,
      http2.createSecureServer(
        { ...tls, allowHTTP1: true, requestCert: true, rejectUnauthorized: false } as http2.SecureServerOptions,
        answer,
      ),
    ],
  ];
  await Promise.all(servers.map(([port, server]) => new Promise<void>((done) => server.listen(port, done))));
}

/** A stream of gRPC whose messages go back as they come. */
function echoed(request: Request, response: Response): void {
  response.setHeader("content-type", "application/grpc");
  request.on("data", (chunk) => (response as ServerResponse).write(chunk));
  request.on("end", () => {
    response.addTrailers({ "grpc-status": "0" });
    response.end();
  });
}

async function respond(station: Station, request: Request, response: Response): Promise<void> {
  if (request.url === "/echo.Echo/Stream") return echoed(request, response);
  const got = await reportOf(station, request);
  station.ledger.note(got);
  const manners = mannersOf(station, got);
  const grpc = got.headers["content-type"]?.startsWith("application/grpc") ?? false;
  if (manners.delay !== undefined) await pause(manners.delay);
  if (manners.reset) {
    cut(request);
    return;
  }
  const trailers = { ...manners.trailers, ...(grpc ? { "grpc-status": String(manners.grpc ?? 0) } : {}) };
  const said = manners.body ?? (manners.size === undefined ? JSON.stringify(got) : Buffer.alloc(manners.size));
  const body = grpc ? frame(Buffer.from(said)) : said;
  for (const [name, value] of Object.entries({
    "content-type": grpc ? "application/grpc" : "application/json",
    "x-workload": station.workload,
    ...manners.headers,
  }))
    response.setHeader(name, value as string);
  if (Object.keys(trailers).length > 0 && !grpc) response.setHeader("trailer", Object.keys(trailers).join(", "));
  response.statusCode = manners.status ?? 200;
  if (bodyless(response.statusCode) || request.method === "HEAD") {
    response.end();
    return;
  }
  if (grpc && trailers["grpc-status"] !== "0") {
    for (const [name, value] of Object.entries(trailers)) response.setHeader(name, value as string);
    response.end();
  } else if (Object.keys(trailers).length > 0) {
    (response as ServerResponse).write(body);
    response.addTrailers(trailers);
    response.end();
  } else response.end(body);
}

const bodyless = (status: number) => status === 204 || status === 304;

function cut(request: Request): void {
  if ("stream" in request && request.stream) request.stream.close(http2.constants.NGHTTP2_INTERNAL_ERROR);
  else (request.socket as Socket).resetAndDestroy();
}

async function reportOf({ workload }: Station, request: Request): Promise<Report> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request) {
    size += (chunk as Buffer).length;
    if (size < 10_000) chunks.push(chunk as Buffer);
  }
  const headers: Record<string, string> = {};
  for (let i = 0; i + 1 < request.rawHeaders.length; i += 2) {
    const [name, value] = [(request.rawHeaders[i] as string).toLowerCase(), request.rawHeaders[i + 1] as string];
    if (!name.startsWith(":")) headers[name] = name in headers ? `${headers[name]}, ${value}` : value;
  }
  const socket = request.socket as TLSSocket;
  const trailers = request.trailers as Record<string, string>;
  return {
    workload,
    port: socket.localPort ?? 0,
    protocol: `HTTP/${request.httpVersion}`,
    peer: socket.remoteAddress?.replace("::ffff:", "") ?? "",
    method: request.method ?? "",
    path: request.url ?? "",
    host: (request as Http2ServerRequest).authority ?? headers["host"] ?? "",
    headers,
    ...(Object.keys(trailers).length > 0 ? { trailers } : {}),
    bytes: size,
    ...(size > 0 && size < 10_000 ? { body: Buffer.concat(chunks).toString() } : {}),
    ...(socket.encrypted ? secured(socket) : {}),
  };
}

function secured(socket: TLSSocket): Pick<Report, "sni" | "alpn" | "client"> {
  const certificate = socket.getPeerCertificate?.();
  const sni = (socket as unknown as { servername?: string | false }).servername;
  return {
    ...(typeof sni === "string" ? { sni } : {}),
    ...(typeof socket.alpnProtocol === "string" ? { alpn: socket.alpnProtocol } : {}),
    ...(certificate?.subject ? { client: String(certificate.subject.CN) } : {}),
  };
}

function mannersOf({ workload, ledger }: Station, { headers }: Report): Manners {
  const text = headers["x-do"];
  if (text === undefined) return {};
  const manners = JSON.parse(text) as Manners;
  const on = typeof manners.on === "string" ? [manners.on] : manners.on;
  if (on !== undefined && !on.includes(workload.replace(/^default\//, ""))) return {};
  const { times } = manners;
  return times === undefined || ledger.misbehaves(headers["x-case"] ?? "", times) ? manners : {};
}

/** A message of gRPC. */
function frame(message: Buffer): Buffer {
  const head = Buffer.alloc(5);
  head.writeUInt32BE(message.length, 1);
  return Buffer.concat([head, message]);
}

/** A WebSocket whose server first says who it is; then bytes come back as they are. */
function upgrade(station: Station, request: IncomingMessage, socket: Socket): void {
  const key = `${request.headers["sec-websocket-key"]}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`;
  const accept = createHash("sha1").update(key).digest("base64");
  socket.on("error", () => {});
  void reportOf(station, request).then((report) => {
    station.ledger.note(report);
    socket.write(
      `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`,
    );
    socket.write(`${JSON.stringify(report)}\n`);
    socket.pipe(socket);
  });
}

/** A line that says who it is, at once or after the first bytes; then what comes goes back, and at its end `end`. */
function bytes({ workload }: Station, socket: Socket, first: boolean): void {
  const peer = socket.remoteAddress?.replace("::ffff:", "") ?? "";
  const report: Report = { workload, port: socket.localPort ?? 0, protocol: "bytes", peer, headers: {}, bytes: 0 };
  const line = `${JSON.stringify(report)}\n`;
  let said = first;
  socket.allowHalfOpen = true;
  socket.on("error", () => {});
  if (first) socket.write(line);
  socket.on("data", (chunk) => {
    if (!said) socket.write(line);
    said = true;
    socket.write(chunk);
  });
  socket.on("end", () => socket.end("end"));
}
