// Run by history-thread.test.ts, which kills it: writes looks into argv[2] from the moment argv[3] on, and a dot for each that is done.
import type { Log } from "../../std/log.ts";
import { startHistory } from "../history-thread.ts";

const log: Log = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {}, with: () => log };
const store = startHistory(process.argv[2] ?? "", log);
let at = Number(process.argv[3]);
const increments = Array.from({ length: 200 }, (_, i) => ({
  name: "istio_requests_total",
  labels: { i: String(i) },
  value: 1,
}));
const write = () => store.write((at += 5000), 5000, increments);
store.onWrite(() => {
  process.stdout.write(".");
  write();
});
write();
setInterval(() => {}, 1000);
