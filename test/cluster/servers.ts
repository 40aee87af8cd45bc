import { readFileSync } from "node:fs";
import http from "node:http";
import http2 from "node:http2";
import type { AddressInfo, Server } from "node:net";
import { join } from "node:path";
import type { TLSSocket } from "node:tls";

/** What a server saw of a request. */
export interface Seen {
  readonly server: string;
  readonly httpVersion: string;
  /** Server name of the TLS handshake. */
  readonly sni: string;
  /** `TLSv1.3`; empty for plain text. */
  readonly tls: string;
  /** What was agreed by ALPN; empty when the client offered nothing. */
  readonly alpn: string;
  readonly path: string;
}

export interface TestServer {
  readonly name: string;
  readonly port: number;
  readonly seen: Seen[];
  stop(): Promise<void>;
}

export interface ServerOptions {
  readonly name: string;
  /** Name of its certificate in the directory; absent: plain text. */
  readonly certificate?: string;
  /** Whether clients must show a certificate of the CA. */
  readonly mutual?: boolean;
  /** 200, unless it says otherwise. */
  readonly status?: number | (() => number);
  /** Answers only after this. */
  readonly hold?: Promise<void>;
}

/** An HTTP server that answers with its name; over TLS it speaks HTTP/2 and HTTP/1.1 by ALPN. */
export async function startServer(directory: string, options: ServerOptions): Promise<TestServer> {
  const seen: Seen[] = [];
  const answer = async (
    request: http.IncomingMessage | http2.Http2ServerRequest,
    response: http.ServerResponse | http2.Http2ServerResponse,
  ) => {
    const socket = request.socket as TLSSocket;
    const sni = socket.servername;
    seen.push({
      server: options.name,
      httpVersion: request.httpVersion,
      sni: typeof sni === "string" ? sni : "",
      tls: socket.encrypted ? (socket.getProtocol() ?? "") : "",
      alpn: typeof socket.alpnProtocol === "string" ? socket.alpnProtocol : "",
      path: request.url ?? "",
    });
    await options.hold;
    (response as http.ServerResponse).writeHead(
      typeof options.status === "function" ? options.status() : (options.status ?? 200),
    );
    response.end(options.name);
  };
  const server: Server =
    options.certificate === undefined ? http.createServer(answer) : secure(directory, options, answer);
  const sockets = new Set<{ destroy(): void }>();
  server.on("connection", (socket) => sockets.add(socket));
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  return {
    name: options.name,
    port: (server.address() as AddressInfo).port,
    seen,
    stop: () =>
      new Promise((done) => {
        server.close(() => done());
        for (const socket of sockets) socket.destroy();
      }),
  };
}

function secure(
  directory: string,
  options: ServerOptions,
  answer: (request: http2.Http2ServerRequest, response: http2.Http2ServerResponse) => Promise<void>,
): Server {
  const file = (name: string) => readFileSync(join(directory, name));
  const { certificate, mutual = false } = options;
  return http2.createSecureServer(
    {
      allowHTTP1: true,
      key: file(`${certificate}-key.pem`),
      cert: file(`${certificate}.pem`),
      ca: file("ca.pem"),
      requestCert: mutual,
      rejectUnauthorized: mutual,
    },
    (request, response) => void answer(request, response),
  );
}

export interface Answer {
  readonly status: number;
  readonly body: string;
}

/** GET through a listener. */
export function get(port: number, host: string, headers: Readonly<Record<string, string>> = {}): Promise<Answer> {
  return new Promise((done, failed) => {
    const request = http.request({ host: "127.0.0.1", port, path: "/", headers: { host, ...headers } }, (response) => {
      let body = "";
      response.on("data", (chunk) => (body += chunk));
      response.on("end", () => done({ status: response.statusCode ?? 0, body }));
    });
    request.on("error", failed);
    request.end();
  });
}
