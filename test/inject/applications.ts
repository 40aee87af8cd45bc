import { once } from "node:events";
import { createServer as createHttp, type RequestListener } from "node:http";
import { createServer as createHttp2 } from "node:http2";
import { createServer as createHttps } from "node:https";
import { type AddressInfo, createServer as createTcp, type Server } from "node:net";

/** What is probed. Each may be closed and opened again at its port. */
export interface Application {
  readonly port: number;
  /** Where connections came from, and what was asked. */
  readonly seen: string[];
  close(): void;
  open(): Promise<void>;
}

async function application(make: (seen: string[]) => Server, host: string): Promise<Application> {
  const seen: string[] = [];
  let server: Server | undefined;
  let port = 0;
  const sockets = new Set<{ destroy(): void }>();
  const open = async () => {
    server = make(seen);
    server.on("connection", (socket) => {
      seen.push(`from ${socket.remoteAddress}`);
      sockets.add(socket);
      socket.on("close", () => sockets.delete(socket));
      socket.on("error", () => {});
    });
    server.listen(port, host);
    await once(server, "listening");
    port = (server.address() as AddressInfo).port;
  };
  await open();
  return {
    get port() {
      return port;
    },
    seen,
    close() {
      server?.close();
      for (const socket of sockets) socket.destroy();
    },
    open,
  };
}

const answers =
  (seen: string[]): RequestListener =>
  (request, response) => {
    seen.push(`${request.method} ${request.headers.host} ${request.url} ${request.headers["x-asked"] ?? ""}`);
    const path = request.url?.split("?")[0];
    if (path === "/never") return;
    if (path === "/moved") response.writeHead(302, { location: "/login" });
    else response.writeHead(path === "/broken" ? 500 : 200);
    response.end("application");
  };

export function httpApplication(
  host: string,
  tls?: { readonly key: string; readonly cert: string },
): Promise<Application> {
  return application((seen) => (tls === undefined ? createHttp(answers(seen)) : createHttps(tls, answers(seen))), host);
}

export function tcpApplication(host: string): Promise<Application> {
  return application(() => createTcp((socket) => socket.end()), host);
}

/** `grpc.health.v1.Health`: the service "" and `good` serve, `bad` does not, others are not known. */
export function grpcApplication(host: string): Promise<Application> {
  return application((seen) => {
    const server = createHttp2();
    server.on("stream", (stream, headers) => {
      let asked = Buffer.alloc(0);
      stream.on("data", (chunk: Buffer) => {
        asked = Buffer.concat([asked, chunk]);
      });
      stream.on("error", () => {});
      stream.on("end", () => {
        // A frame's five bytes, then field 1 as a text.
        const service = asked.subarray(7).toString();
        seen.push(`${headers[":path"]} ${service}`);
        const status = service === "" || service === "good" ? 1 : service === "bad" ? 2 : undefined;
        stream.respond({ ":status": 200, "content-type": "application/grpc" }, { waitForTrailers: true });
        stream.on("wantTrailers", () => stream.sendTrailers({ "grpc-status": status === undefined ? "5" : "0" }));
        stream.end(status === undefined ? undefined : Buffer.from([0, 0, 0, 0, 2, 0x08, status]));
      });
    });
    return server as unknown as Server;
  }, host);
}
