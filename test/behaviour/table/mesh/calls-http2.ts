import { once } from "node:events";
import http2, { type ClientHttp2Session, type IncomingHttpHeaders } from "node:http2";
import { dial } from "./dial.ts";
import { bodyOf, bodyOrReport, partsOf, tlsOf } from "./order.ts";
import type { Order, Outcome } from "./wire.ts";

const kept = new Map<string, { session: ClientHttp2Session; tls: Pick<Outcome, "tls"> }>();

/** Ends connections that were kept. */
export function closeSessions(): void {
  for (const { session } of kept.values()) session.destroy();
  kept.clear();
}

/** A request over HTTP/2, with messages where it is gRPC. */
export async function overHttp2(order: Order, over: AbortSignal): Promise<Omit<Outcome, "seconds">> {
  const { session, tls } = await sessionOf(order);
  if (!order.keep) over.addEventListener("abort", () => session.destroy());
  const grpc = order.url.startsWith("grpc");
  const { host, port, path } = partsOf(order);
  const secure = /^(https|grpcs):/.test(order.url);
  const { host: said, ...headers } = order.headers;
  const body = bodyOf(order);
  const endStream = !grpc && body.length === 0;
  const asked = {
    ":method": grpc ? "POST" : order.method,
    ":path": path,
    ":scheme": secure ? "https" : "http",
    ":authority": (said as string) ?? (port === undefined ? host : `${host}:${port}`),
    ...(grpc ? { "content-type": "application/grpc", te: "trailers" } : {}),
    ...(headers as http2.OutgoingHttpHeaders),
  };
  const stream = session.request(asked, { endStream });
  const ended = once(stream, "close");
  ended.catch(() => {});
  let trailers: Record<string, string> = {};
  stream.on("trailers", (found: IncomingHttpHeaders) => {
    trailers = plain(found);
  });
  if (grpc) for (let i = 0; i < order.messages; i++) stream.write(message(order.body ?? `${i}`));
  if (!endStream) stream.end(grpc ? undefined : body);
  const [found] = (await once(stream, "response")) as [IncomingHttpHeaders & { ":status"?: number }];
  const chunks: Buffer[] = [];
  for await (const chunk of stream as AsyncIterable<Buffer>) chunks.push(chunk);
  await ended;
  const whole = Buffer.concat(chunks);
  const answered = { status: Number(found[":status"]), protocol: "HTTP/2.0", headers: plain(found), trailers, ...tls };
  if (!grpc) return { ...answered, ...bodyOrReport(whole.toString()) };
  const messages = unframed(whole);
  const status = trailers["grpc-status"] ?? answered.headers["grpc-status"];
  return {
    ...answered,
    ...(status === undefined ? {} : { grpc: Number(status) }),
    messages: messages.length,
    ...bodyOrReport(messages[0] ?? trailers["grpc-message"] ?? answered.headers["grpc-message"] ?? ""),
  };
}

async function sessionOf(order: Order) {
  const key = JSON.stringify([order.url.split("/")[2], order.connect, order.sni]);
  const there = order.keep ? kept.get(key) : undefined;
  if (there && !there.session.destroyed && !there.session.closed) return there;
  const connected = await dial(order);
  const { alpn } = connected.tls ?? {};
  if (alpn !== undefined && alpn !== "h2")
    throw Object.assign(new Error(`the server chose ALPN "${alpn}", not h2`), { code: "ERR_TLS_ALPN" });
  const session = http2.connect("http://x", { createConnection: () => connected.socket });
  session.on("error", () => {});
  const made = { session, tls: tlsOf(connected) };
  if (order.keep) kept.set(key, made);
  return made;
}

function plain(headers: IncomingHttpHeaders): Record<string, string> {
  const entries = Object.entries(headers).filter(([name]) => !name.startsWith(":"));
  return Object.fromEntries(
    entries.map(([name, value]) => [name, Array.isArray(value) ? value.join(", ") : `${value}`]),
  );
}

function message(text: string): Buffer {
  const head = Buffer.alloc(5);
  head.writeUInt32BE(Buffer.byteLength(text), 1);
  return Buffer.concat([head, Buffer.from(text)]);
}

function unframed(bytes: Buffer): readonly string[] {
  const messages: string[] = [];
  for (let at = 0; at + 5 <= bytes.length; ) {
    const end = at + 5 + bytes.readUInt32BE(at + 1);
    messages.push(bytes.subarray(at + 5, end).toString());
    at = end;
  }
  return messages;
}
