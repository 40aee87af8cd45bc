import fs from "node:fs";
import path from "node:path";
import { npmEnv, run } from "./run.mjs";

/** What the console is built from, inside its folder; and the one file of Weft that it shares. */
const inputs = [
  "src",
  "public",
  "index.html",
  "package.json",
  "package-lock.json",
  "vite.config.ts",
  "tsconfig.json",
  "../src/api/contract.ts",
];

/** True when the built console is as new as all it is built from. */
export function consoleCurrent(folder) {
  const built = newest(path.join(folder, "dist", "index.html"));
  return built > 0 && inputs.every((input) => newest(path.join(folder, input)) <= built);
}

/** Builds the console unless it is built. */
export async function ensureConsole(folder, { step, node, env = process.env }) {
  if (!fs.existsSync(path.join(folder, "package.json")) || consoleCurrent(folder)) return;
  const first = { ...npmEnv(env), PATH: `${path.dirname(node)}${path.delimiter}${env.PATH ?? ""}` };
  await step("Building the console", () => run("npm", ["run", "build", "--silent"], { cwd: folder, env: first }));
}

/** When the newest file below a path was changed; 0 where there is none. Milliseconds. */
function newest(file) {
  const found = fs.statSync(file, { throwIfNoEntry: false });
  if (found === undefined) return 0;
  if (!found.isDirectory()) return found.mtimeMs;
  return Math.max(0, ...fs.readdirSync(file).map((name) => newest(path.join(file, name))));
}
