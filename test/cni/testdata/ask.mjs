// Connects as a user and prints what it hears. node ask.mjs UID ADDRESS PORT
import { connect } from "node:net";

const [uid, host, port] = process.argv.slice(2);
process.setgid?.(Number(uid));
process.setuid?.(Number(uid));
const socket = connect({ host, port: Number(port), timeout: 5_000 }, () => {});
socket.on("timeout", () => socket.destroy(new Error("timeout")));
socket.on("error", (error) => {
  process.stderr.write(error.message);
  process.exitCode = 1;
});
socket.pipe(process.stdout);
