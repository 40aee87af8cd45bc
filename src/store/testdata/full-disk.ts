// Run by store.test.ts inside a mount namespace in which argv[2] is a disk of 700 kB.
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Log } from "../../std/log.ts";
import { openStore } from "../store.ts";

const dir = process.argv[2] ?? "";
let warnings = 0;
const log: Log = { debug: () => {}, info: () => {}, warn: () => warnings++, error: () => {}, with: () => log };
const store = openStore({ path: join(dir, "history.db"), log });
const start = 1_700_000_040_000;
const increments = Array.from({ length: 100 }, (_, i) => ({ name: "r", labels: { i: String(i) }, value: 1 }));
store.write(start, 5000, increments);
writeFileSync(join(dir, "ballast"), new Uint8Array(300_000));
let at = start;
for (let i = 0; i < 500 && store.state().where === "file"; i++) store.write((at += 5000), 5000, increments);
const full = store.state().where;
for (let i = 0; i < 10; i++) store.write((at += 5000), 5000, increments);
const answered = store.totals({ names: ["r"] }, at - 10_000, at).totals.length === 100;
rmSync(join(dir, "ballast"));
store.write(at + 6 * 60_000, 5000, increments);
process.stdout.write(JSON.stringify({ full, warnings, answered, after: store.state().where }));
store.close();
