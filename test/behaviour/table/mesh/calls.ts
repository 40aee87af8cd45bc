import { once } from "node:events";
import http from "node:http";
import type { Socket } from "node:net";
import { closeSessions, overHttp2 } from "./calls-http2.ts";
import { type Connected, dial } from "./dial.ts";
import { bodyOf, bodyOrReport, joined, partsOf, tlsOf } from "./order.ts";
import type { Failure, Order, Outcome, Report } from "./wire.ts";

/** Makes a call and tells what came of it; never rejects. */
export async function call(order: Order): Promise<Outcome> {
  const started = performance.now();
  const seconds = () => (performance.now() - started) / 1000;
  const aborter = new AbortController();
  let late = () => {};
  const tooLate = new Promise<never>((_, reject) => {
    late = () => reject(Object.assign(new Error(`no answer within ${order.timeout} ms`), { code: "TIMEOUT" }));
  });
  tooLate.catch(() => {});
  const timer = setTimeout(late, order.timeout);
  try {
    const scheme = order.url.slice(0, order.url.indexOf(":"));
    const speak = tongues[scheme];
    if (speak === undefined) throw new Error(`nobody speaks ${scheme}`);
    return { ...(await Promise.race([speak(order, aborter.signal), tooLate])), seconds: seconds() };
  } catch (error) {
    const { code = "", message } = error as NodeJS.ErrnoException;
    return { error: failureOf(code, message), detail: `${code} ${message}`, seconds: seconds() };
  } finally {
    clearTimeout(timer);
    aborter.abort();
  }
}

type Tongue = (order: Order, over: AbortSignal) => Promise<Omit<Outcome, "seconds">>;

const tongues: Readonly<Record<string, Tongue>> = {
  http: overHttp1,
  https: (order, over) => (order.alpn?.[0] === "h2" ? overHttp2(order, over) : overHttp1(order, over)),
  http2: overHttp2,
  grpc: overHttp2,
  grpcs: overHttp2,
  ws: webSocket,
  wss: webSocket,
  tcp: overBytes,
  tls: overBytes,
};

function failureOf(code: string, message: string): Failure {
  if (code === "TIMEOUT") return "timeout";
  if (code === "ECONNREFUSED") return "refused";
  if (code === "ENOTFOUND" || code === "EAI_AGAIN") return "no such host";
  if (/^(ERR_SSL|ERR_TLS|EPROTO|CERT_|UNABLE_TO)/.test(code) || /alert|TLS connection/.test(message)) return "tls";
  if (/ECONNRESET|EPIPE|ERR_HTTP2|HPE_|CLOSED/.test(code) || /hang up|aborted/.test(message)) return "closed";
  return "other";
}

/** Where HTTP/1 requests go, one after the other. */
interface Way {
  readonly agent: http.Agent;
  connected?: Connected;
}

const kept = new Map<string, Way>();

/** Ends connections that were kept. */
export function closeKept(): void {
  for (const { agent } of kept.values()) agent.destroy();
  kept.clear();
  closeSessions();
}

function newWay(order: Order): Way {
  const agent = new http.Agent({ keepAlive: order.keep, maxSockets: 1 });
  const way: Way = { agent };
  // The type has no callback; the runtime does.
  agent.createConnection = ((_: unknown, done: (error: Error | null, socket?: Socket) => void) => {
    dial(order).then(
      (connected) => {
        way.connected = connected;
        done(null, connected.socket);
      },
      (error: Error) => done(error),
    );
  }) as typeof agent.createConnection;
  return way;
}

async function overHttp1(order: Order, over: AbortSignal): Promise<Omit<Outcome, "seconds">> {
  const key = JSON.stringify([order.url.split("/")[2], order.connect, order.sni]);
  const way = (order.keep ? kept.get(key) : undefined) ?? newWay(order);
  if (order.keep) kept.set(key, way);
  const { host, port, path } = partsOf(order);
  const secure = order.url.startsWith("https");
  const headers = order.trailers
    ? { ...order.headers, trailer: Object.keys(order.trailers).join(", "), "transfer-encoding": "chunked" }
    : order.headers;
  const sent = http.request({
    ...{ method: order.method, path, headers: withHost(headers, host, port, secure), setHost: false },
    agent: way.agent,
  });
  over.addEventListener("abort", () => order.keep || sent.destroy());
  let continued = false;
  sent.on("continue", () => {
    continued = true;
    sent.end(bodyOf(order));
  });
  if (Object.keys(order.headers).some((name) => name.toLowerCase() === "expect")) sent.flushHeaders();
  else if (order.trailers !== undefined) {
    sent.write(bodyOf(order));
    sent.addTrailers(order.trailers);
    sent.end();
  } else sent.end(bodyOf(order));
  const [response] = (await once(sent, "response")) as [http.IncomingMessage];
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk as Buffer);
  return {
    status: response.statusCode as number,
    protocol: `HTTP/${response.httpVersion}`,
    headers: joined(response.headersDistinct),
    trailers: joined(response.trailersDistinct),
    ...bodyOrReport(Buffer.concat(chunks).toString()),
    ...(continued ? { continued } : {}),
    ...tlsOf(way.connected),
  };
}

/** Upgrades, hears who answers, and says something that must come back. */
async function webSocket(order: Order, over: AbortSignal): Promise<Omit<Outcome, "seconds">> {
  const connected = await dial(order);
  const { host, port, path } = partsOf(order);
  const headers = {
    ...withHost(order.headers, host, port, order.url.startsWith("wss")),
    ...{ connection: "Upgrade", upgrade: "websocket", "sec-websocket-version": "13" },
    "sec-websocket-key": "dGhlIHNhbXBsZSBub25jZQ==",
  };
  const sent = http.request({ path, headers, createConnection: () => connected.socket } as never);
  over.addEventListener("abort", () => connected.socket.destroy());
  sent.end();
  const [response, socket, head] = (await Promise.race([once(sent, "upgrade"), once(sent, "response")])) as [
    http.IncomingMessage,
    Socket | undefined,
    Buffer,
  ];
  const status = response.statusCode as number;
  const answered = { status, headers: joined(response.headersDistinct), ...tlsOf(connected) };
  if (status !== 101 || socket === undefined) {
    const text = Buffer.concat(await response.toArray()).toString();
    return { ...answered, ...bodyOrReport(text) };
  }
  socket.write(order.body ?? "ping");
  return { ...answered, ...(await talk(socket, order.body ?? "ping", head.toString())) };
}

/** Bytes there and back, over TLS or not. */
async function overBytes(order: Order, over: AbortSignal): Promise<Omit<Outcome, "seconds">> {
  const connected = await dial(order);
  over.addEventListener("abort", () => connected.socket.destroy());
  const told = tlsOf(connected);
  if (order.url.startsWith("tls") && order.body === undefined) return told;
  const text = order.body ?? "ping";
  connected.socket.write(text);
  return { ...told, ...(await talk(connected.socket, text)) };
}

/** The other side's line about itself, and what it sent back. */
async function talk(socket: Socket, sent: string, before = ""): Promise<{ report: Report; body: string }> {
  let got = before;
  const whole = () => got.includes("\n") && got.length - got.indexOf("\n") - 1 >= sent.length;
  if (!whole())
    for await (const chunk of socket as AsyncIterable<Buffer>) {
      got += chunk.toString();
      if (whole()) break;
    }
  if (!whole()) throw Object.assign(new Error(`closed after ${JSON.stringify(got)}`), { code: "CLOSED" });
  const [line = "", body = ""] = got.split(/\n(.*)/s);
  return { report: JSON.parse(line) as Report, body };
}

function withHost(headers: Order["headers"], host: string, port: number | undefined, secure: boolean) {
  const usual = port === undefined || port === (secure ? 443 : 80);
  return { host: usual ? host : `${host}:${port}`, ...headers } as http.OutgoingHttpHeaders;
}
