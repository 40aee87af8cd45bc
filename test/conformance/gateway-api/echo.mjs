// The backend of Gateway API's conformance cases, as one program: answers what it was asked as JSON, over HTTP/1.1, HTTP/2, TLS, gRPC and
// plain TCP and UDP; and at port 9999 makes calls for the test, which come from its Pod then (see calls.mjs).
import { createSocket } from "node:dgram";
import { readFileSync } from "node:fs";
import { createServer as createHttp } from "node:http";
import { createServer as createHttp2 } from "node:http2";
import { createServer as createTcp } from "node:net";
import { createServer as createTls } from "node:tls";
import { call } from "./calls.mjs";
import { echoReply } from "./grpc.mjs";

const { NAMESPACE = "", POD_NAME = "", ECHO_PORTS = "{}" } = process.env;
/** Port to what speaks there: http, http2, grpc, tcp, udp, tls (HTTP inside), tls-tcp. */
const ports = JSON.parse(ECHO_PORTS);
const who = { namespace: NAMESPACE, pod: POD_NAME };

/** `delay=1s` of the query, in milliseconds. */
function delayOf(url) {
  const [, amount, unit] = /^([\d.]+)(ms|s)$/.exec(new URL(url, "http://x").searchParams.get("delay") ?? "") ?? [];
  return amount === undefined ? 0 : Number(amount) * (unit === "s" ? 1000 : 1);
}

/** Each header's lines. */
function headerLists(raw) {
  const out = {};
  for (let i = 0; i < raw.length; i += 2) {
    const name = raw[i].toLowerCase();
    if (!name.startsWith(":")) out[name] = [...(out[name] ?? []), raw[i + 1]];
  }
  return out;
}

async function answer(request, response) {
  await new Promise((next) => setTimeout(next, delayOf(request.url)));
  const host = request.headers[":authority"] ?? request.headers.host ?? "";
  const sni = request.socket?.servername;
  const told = { path: request.url, host, method: request.method, proto: `HTTP/${request.httpVersion}`, ...who };
  const set = request.headers["x-echo-set-header"];
  for (const pair of set ? [set].flat().join(",").split(",") : []) {
    const colon = pair.indexOf(":");
    response.setHeader(pair.slice(0, colon).trim(), pair.slice(colon + 1).trim());
  }
  response.setHeader("content-type", "application/json");
  response.end(JSON.stringify({ ...told, ...(sni ? { sni } : {}), headers: headerLists(request.rawHeaders) }));
}

function grpc(stream, headers) {
  const reply = echoReply(headers[":path"], who);
  stream.respond({ ":status": 200, "content-type": "application/grpc" }, { waitForTrailers: true });
  stream.on("wantTrailers", () =>
    stream.sendTrailers(reply === undefined ? { "grpc-status": "12" } : { "grpc-status": "0" }),
  );
  stream.resume();
  stream.end(reply ?? Buffer.alloc(0));
}

/** Each line, or whatever comes, is answered with who heard it. */
function bytes(socket, more = {}) {
  socket.on("error", () => {});
  socket.on("data", (data) => socket.write(`${JSON.stringify({ ...who, ...more, request: data.toString() })}\n`));
}

function keyPair() {
  const { TLS_SERVER_CERT: cert, TLS_SERVER_KEY: key } = process.env;
  return { cert: readFileSync(cert), key: readFileSync(key) };
}

const servers = {
  http: () => createHttp(answer),
  http2: () => createHttp2(answer),
  grpc: () => createHttp2().on("stream", grpc),
  tcp: () => createTcp((socket) => bytes(socket)),
  "tls-tcp": () => createTls(keyPair(), (socket) => bytes(socket, { tls: true, sni: socket.servername })),
  tls: () => {
    const inside = createHttp(answer);
    return createTls(keyPair(), (socket) => inside.emit("connection", socket));
  },
};

for (const [port, kind] of Object.entries(ports)) {
  if (kind !== "udp") servers[kind]().on("error", fail).listen(Number(port));
  else {
    const socket = createSocket("udp4");
    socket.on("message", (data, from) =>
      socket.send(JSON.stringify({ ...who, request: data.toString() }), from.port, from.address),
    );
    socket.bind(Number(port));
  }
}

function fail(error) {
  process.stderr.write(`${error}\n`);
  process.exit(1);
}

createHttp(async (request, response) => {
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  response.end(JSON.stringify(await call(JSON.parse(Buffer.concat(chunks).toString()))));
}).listen(9999);
