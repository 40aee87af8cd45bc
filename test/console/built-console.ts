import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const home = fileURLToPath(new URL("../../console/", import.meta.url));
const dist = join(home, "dist");
const lock = join(tmpdir(), `weft-console-build-${createHash("sha256").update(home).digest("hex").slice(0, 12)}`);

/**
 * The folder of the built console; builds it first where it is missing or older than its sources. Test files that come at the same time build it once.
 * @throws with the build's own words where it fails.
 */
export async function builtConsole(): Promise<string> {
  while (isStale()) {
    if (!take()) {
      await new Promise((done) => setTimeout(done, 100));
      continue;
    }
    try {
      if (isStale()) build();
    } finally {
      rmSync(lock, { force: true });
    }
  }
  return dist;
}

function isStale(): boolean {
  const page = join(dist, "index.html");
  if (!existsSync(page)) return true;
  const built = statSync(page).mtimeMs;
  const sources = ["index.html", "vite.config.ts", "package-lock.json", "src", "public"].map((name) =>
    join(home, name),
  );
  return sources.some((source) => newest(source) > built);
}

function newest(path: string): number {
  const own = statSync(path);
  if (!own.isDirectory()) return own.mtimeMs;
  return Math.max(0, ...readdirSync(path).map((name) => newest(join(path, name))));
}

/** Whether the build is ours to do; one that was left by a process that is gone is taken over. */
function take(): boolean {
  try {
    writeFileSync(lock, String(process.pid), { flag: "wx" });
    return true;
  } catch {
    if (!isAlive(lock)) rmSync(lock, { force: true });
    return false;
  }
}

function isAlive(file: string): boolean {
  try {
    process.kill(Number(readFileSync(file, "utf8")), 0);
    return true;
  } catch {
    return false;
  }
}

function build(): void {
  if (!existsSync(join(home, "node_modules"))) run("npm", ["ci", "--no-audit", "--no-fund"]);
  run(process.execPath, [join(home, "node_modules/vite/bin/vite.js"), "build", "--logLevel", "warn"]);
}

function run(command: string, args: readonly string[]): void {
  const { status, stdout, stderr } = spawnSync(command, args, { cwd: home, encoding: "utf8" });
  if (status !== 0) throw new Error(`console: ${command} ${args.join(" ")} failed\n${stdout}${stderr}`);
}
