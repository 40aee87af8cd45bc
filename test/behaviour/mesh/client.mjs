import { once } from "node:events";
import { createServer, request } from "node:http";
import { connect as connectHttp2 } from "node:http2";
import { connect } from "node:net";
import { connect as connectTls } from "node:tls";

// Calls what it is told to and tells what came of it: /http?host=..., /grpc, /websocket, /bytes, /raw.
const calls = {
  async http({ host = "server:9080", method = "GET", size = "0", expect, ...headers }) {
    const sent = request(`http://${host}/`, {
      method,
      headers: { ...headers, ...(expect ? { expect } : {}) },
      agent: false,
    });
    let continued = false;
    sent.on("continue", () => {
      continued = true;
      sent.end(Buffer.alloc(Number(size)));
    });
    if (!expect) sent.end(Buffer.alloc(Number(size)));
    const [response] = await once(sent, "response");
    const chunks = [];
    for await (const chunk of response) chunks.push(chunk);
    return {
      status: response.statusCode,
      body: Buffer.concat(chunks).toString(),
      trailers: response.trailers,
      continued,
    };
  },
  async raw({ text, host = "server", port = "9080" }) {
    const socket = connect(Number(port), host);
    socket.on("error", () => {});
    socket.write(text);
    const chunks = [];
    for await (const chunk of socket) chunks.push(chunk);
    return { body: Buffer.concat(chunks).toString() };
  },
  async grpc({ messages = "1", host = "server:7070" }) {
    const session = connectHttp2(`http://${host}`);
    const stream = session.request({
      ":method": "POST",
      ":path": "/x.Y/Z",
      "content-type": "application/grpc",
      te: "trailers",
    });
    const found = { echoed: 0 };
    stream.on("response", (headers) =>
      Object.assign(found, { status: headers[":status"], grpc: headers["grpc-status"] }),
    );
    stream.on("trailers", (trailers) => Object.assign(found, { grpc: trailers["grpc-status"] }));
    stream.on("data", () => {});
    for (let i = 0; i < Number(messages); i++) {
      stream.write(Buffer.from([0, 0, 0, 0, 1, i]));
      const got = await Promise.race([once(stream, "data").then(() => true), once(stream, "end").then(() => false)]);
      if (!got) break;
      found.echoed++;
    }
    stream.end();
    if (!stream.readableEnded) await once(stream, "end");
    session.close();
    return found;
  },
  async websocket({ host = "server", port = "9080" }) {
    const headers = {
      connection: "Upgrade",
      upgrade: "websocket",
      "sec-websocket-version": "13",
      "sec-websocket-key": "dGhlIHNhbXBsZSBub25jZQ==",
    };
    const sent = request({ host, port, headers, agent: false });
    sent.end();
    const [response, socket] = await Promise.race([once(sent, "upgrade"), once(sent, "response")]);
    if (response.statusCode !== 101) return { status: response.statusCode };
    socket.write("ping");
    const [echoed] = await once(socket, "data");
    socket.destroy();
    return { status: 101, accept: response.headers["sec-websocket-accept"], echoed: echoed.toString() };
  },
  async tls({ host = "server", port = "9443" }) {
    const socket = connectTls({ host, port: Number(port), servername: host, rejectUnauthorized: false });
    const [data] = await once(socket, "data");
    const { subject } = socket.getPeerCertificate();
    socket.destroy();
    return { first: data.toString(), subject: subject.CN };
  },
  async bytes({ host = "server", port = "3306" }) {
    const started = performance.now();
    const socket = connect(Number(port), host);
    const first = await Promise.race([
      once(socket, "data").then(([data]) => data.toString()),
      once(socket, "close").then(() => "closed"),
    ]);
    const waited = performance.now() - started;
    socket.destroy();
    return { first, waited };
  },
};

createServer(async (request, response) => {
  const url = new URL(request.url ?? "/", "http://x");
  const call = calls[url.pathname.slice(1)];
  try {
    response.end(JSON.stringify(call ? await call(Object.fromEntries(url.searchParams)) : {}));
  } catch (error) {
    response.end(JSON.stringify({ error: String(error) }));
  }
}).listen(9080);
