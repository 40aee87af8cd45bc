// Calls a port once, as stdin says (JSON), and prints how that went. Runs where a workload would: node has no other way into a network namespace.
import { connect as http2 } from "node:http2";
import { connect as tcp } from "node:net";
import { text } from "node:stream/consumers";
import { connect as tls } from "node:tls";

const { host, port, plain, options = {}, timeoutMs = 5000 } = JSON.parse(await text(process.stdin));
const outcome = {};
const end = (more) => {
  process.stdout.write(`${JSON.stringify({ ...outcome, ...more })}\n`);
  process.exit(0);
};
setTimeout(() => end({ error: "no answer in time" }), timeoutMs);

const socket = plain
  ? tcp({ host, port }, () => ask())
  : tls({ host, port, rejectUnauthorized: false, ...options }, () => ask());
let said = "";
socket.on("data", (chunk) => {
  said += chunk.toString("latin1");
});
socket.on("error", (error) => end({ error: error.code ?? error.message }));
socket.on("close", () => end(said === "" ? { error: "closed without an answer" } : { answer: said }));

function ask() {
  if (!plain) {
    outcome.protocol = socket.getProtocol();
    outcome.alpn = socket.alpnProtocol;
    outcome.server = socket.getPeerX509Certificate()?.subjectAltName;
  }
  if (outcome.alpn === "h2") return askHttp2();
  socket.write(`GET /asked HTTP/1.1\r\nhost: ${options.servername ?? "server"}\r\nconnection: close\r\n\r\n`);
}

function askHttp2() {
  const session = http2(`https://${host}`, { createConnection: () => socket });
  session.on("error", (error) => end({ error: error.code ?? error.message }));
  const stream = session.request({ ":path": "/asked", ":authority": "server" });
  stream.on("error", (error) => end({ error: error.code ?? error.message }));
  let body = "";
  stream.on("response", (headers) => {
    outcome.status = headers[":status"];
  });
  stream.setEncoding("utf8").on("data", (part) => {
    body += part;
  });
  stream.on("end", () => end({ answer: body }));
}
