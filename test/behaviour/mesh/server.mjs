import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdtempSync, readFileSync } from "node:fs";
import { createServer } from "node:http";
import { createServer as createHttp2 } from "node:http2";
import { createServer as createTcp } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createServer as createTls } from "node:tls";

// A service of many tongues: HTTP with WebSocket, 100-continue and trailers on 9080, gRPC on 7070, bytes that the server begins on 3306,
// and TLS of its own on 9443.
const http = createServer(async (request, response) => {
  let bytes = 0;
  for await (const chunk of request) bytes += chunk.length;
  response.writeHead(200, { "content-type": "application/json", trailer: "x-end" });
  response.write(JSON.stringify({ headers: request.headers, version: request.httpVersion, bytes }));
  response.addTrailers({ "x-end": "reached" });
  response.end();
});
http.on("upgrade", (request, socket) => {
  const key = `${request.headers["sec-websocket-key"]}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`;
  const accept = createHash("sha1").update(key).digest("base64");
  socket.on("error", () => {});
  socket.write(
    `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`,
  );
  socket.pipe(socket);
});
http.listen(9080);

createHttp2()
  .on("stream", (stream) => {
    stream.respond({ ":status": 200, "content-type": "application/grpc" }, { waitForTrailers: true });
    stream.on("wantTrailers", () => stream.sendTrailers({ "grpc-status": "0" }));
    stream.on("data", (chunk) => stream.write(chunk));
    stream.on("end", () => stream.end());
  })
  .listen(7070);

createTcp((socket) => {
  socket.on("error", () => {});
  socket.write("hello\n");
  socket.pipe(socket);
}).listen(3306);

const folder = mkdtempSync(join(tmpdir(), "own-tls-"));
const [key, cert] = [join(folder, "key.pem"), join(folder, "cert.pem")];
const made = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-subj", "/CN=own", "-days", "2"];
execFileSync("openssl", ["req", "-x509", ...made, "-keyout", key, "-out", cert], { stdio: "ignore" });
createTls({ key: readFileSync(key), cert: readFileSync(cert) }, (socket) => {
  socket.on("error", () => {});
  socket.write("own");
}).listen(9443);
