// Calls that the test asks a Pod to make, and what came of each.

import { createSocket } from "node:dgram";
import { request } from "node:http";
import { connect as connectHttp2 } from "node:http2";
import { request as requestTls } from "node:https";
import { connect } from "node:net";
import { connect as connectTls } from "node:tls";
import { frame, replyOf } from "./grpc.mjs";

/** `{kind, host, port, ...}` to `{status, headers, body}`, `{data}` or `{error}`. Never throws. */
export async function call(asked) {
  try {
    return await calls[asked.kind](asked);
  } catch (error) {
    return { error: String(error?.code ?? error) };
  }
}

const patience = 5000;

function promised(start) {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error("no answer")), patience);
    new Promise((done, fail) => void start(done, fail)).then(resolve, reject).finally(() => clearTimeout(timer));
  });
}

function tlsOptions({ host, port, sni, ca, cert, key, alpn }) {
  return {
    host,
    port,
    servername: sni ?? "",
    ca,
    cert,
    key,
    checkServerIdentity: () => undefined,
    ALPNProtocols: alpn,
    rejectUnauthorized: ca !== undefined,
  };
}

const calls = {
  http: ({ host, port, method = "GET", path, headers = {}, tls }) =>
    promised((done, fail) => {
      const to = { host, port, method, path, headers, agent: false };
      const sent = tls ? requestTls({ ...to, ...tlsOptions({ host, port, ...tls }) }) : request(to);
      sent.on("response", (response) => {
        const chunks = [];
        response.on("data", (chunk) => chunks.push(chunk));
        response.on("error", fail);
        response.on("end", () => {
          const body = Buffer.concat(chunks).toString();
          done({ status: response.statusCode, headers: listed(response.rawHeaders), body });
        });
      });
      sent.on("error", fail);
      sent.end();
    }),
  http2: ({ host, port, method = "GET", path, authority, headers = {}, tls, then = [] }) =>
    promised(async (done, fail) => {
      const session = connectHttp2(
        `${tls ? "https" : "http"}://${host}:${port}`,
        tls ? { createConnection: () => connectTls(tlsOptions({ host, port, alpn: ["h2"], ...tls })) } : {},
      );
      session.on("error", fail);
      const answers = [];
      for (const one of [{ path, authority, headers }, ...then])
        answers.push(await http2Call(session, method, one).catch((error) => ({ error: String(error) })));
      session.destroy();
      done(then.length > 0 ? { answers } : answers[0]);
    }),
  grpc: ({ host, port, path, authority, headers = {} }) =>
    promised((done, fail) => {
      const session = connectHttp2(`http://${host}:${port}`);
      session.on("error", fail);
      const stream = session.request({
        ":method": "POST",
        ":path": path,
        ...(authority ? { ":authority": authority } : {}),
        "content-type": "application/grpc",
        te: "trailers",
        ...headers,
      });
      const found = {};
      const chunks = [];
      stream.on("response", (h) => Object.assign(found, { status: h[":status"], grpc: h["grpc-status"] }));
      stream.on("trailers", (t) => Object.assign(found, { grpc: t["grpc-status"] ?? found.grpc }));
      stream.on("data", (chunk) => chunks.push(chunk));
      stream.on("error", fail);
      stream.on("close", () => {
        session.destroy();
        const body = Buffer.concat(chunks);
        done({ ...found, ...(body.length > 5 ? { reply: replyOf(body) } : {}) });
      });
      stream.end(frame(Buffer.alloc(0)));
    }),
  bytes: ({ host, port, text = "hello", tls }) =>
    promised((done, fail) => {
      const socket = tls ? connectTls(tlsOptions({ host, port, ...tls })) : connect(port, host);
      socket.on(tls ? "secureConnect" : "connect", () => socket.write(text));
      socket.on("error", fail);
      socket.on("close", () => fail(new Error("closed")));
      socket.on("data", (data) => {
        done({ data: data.toString() });
        socket.destroy();
      });
    }),
  udp: ({ host, port, text = "hello" }) =>
    promised((done, fail) => {
      const socket = createSocket("udp4");
      socket.on("error", fail);
      socket.on("message", (data) => {
        socket.close();
        done({ data: data.toString() });
      });
      socket.send(text, port, host);
    }),
};

function http2Call(session, method, { path, authority, headers = {} }) {
  return new Promise((resolve, reject) => {
    const stream = session.request({
      ":method": method,
      ":path": path,
      ...(authority ? { ":authority": authority } : {}),
      ...headers,
    });
    const chunks = [];
    let head = {};
    stream.on("response", (h) => {
      head = h;
    });
    stream.on("data", (chunk) => chunks.push(chunk));
    stream.on("error", reject);
    stream.on("end", () => resolve({ status: head[":status"], headers: head, body: Buffer.concat(chunks).toString() }));
    stream.end();
  });
}

/** Each header's lines. */
function listed(raw) {
  const out = {};
  for (let i = 0; i < raw.length; i += 2)
    out[raw[i].toLowerCase()] = [...(out[raw[i].toLowerCase()] ?? []), raw[i + 1]];
  return out;
}
