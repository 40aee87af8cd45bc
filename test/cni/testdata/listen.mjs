// Listens like a Pod's containers do, each on its port; a connection hears the listener's name. node listen.mjs NAME=PORT...
import { createServer } from "node:net";

for (const said of process.argv.slice(2)) {
  const [name, port] = said.split("=");
  await new Promise((resolve) => createServer((socket) => socket.end(name)).listen({ port: Number(port), host: "::" }, resolve));
}
process.stdout.write("listening\n");
