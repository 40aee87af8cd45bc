import { spawnSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { cacheFolder } from "./cache.mjs";
import { npmEnv, run } from "./run.mjs";

/** The Node that Weft is tested with; any newer one of the same or a later major will do. */
export const nodeVersion = "24.21.0";
const leastMajor = 24;

/** A Node that is new enough and here already: this one, or the one in the cache. Undefined when there is none. */
export function findNode(env = process.env) {
  if (Number(process.versions.node.split(".")[0]) >= leastMajor) return process.execPath;
  const cached = cachedNode(env);
  return fs.existsSync(cached) ? cached : undefined;
}

/** Answers a Node that is new enough, fetched by npm into the cache where it has to be. */
export async function ensureNode(env = process.env) {
  const found = findNode(env);
  if (found !== undefined) return found;
  const target = path.join(cacheFolder(env), "node", nodeVersion);
  fs.mkdirSync(path.dirname(target), { recursive: true });
  const beside = fs.mkdtempSync(`${target}-`);
  try {
    fs.writeFileSync(path.join(beside, "package.json"), '{"private":true}\n');
    const flags = ["--no-audit", "--no-fund", "--ignore-scripts=false", "--loglevel=error"];
    await run("npm", ["install", ...flags, `node@${nodeVersion}`], { cwd: beside, env: npmEnv(env) });
    check(nodeIn(beside));
    try {
      fs.renameSync(beside, target);
    } catch (error) {
      // Another set-up was faster; its Node is as good.
      if (!fs.existsSync(nodeIn(target))) throw error;
    }
    return nodeIn(target);
  } finally {
    fs.rmSync(beside, { recursive: true, force: true });
  }
}

function check(node) {
  const ran = spawnSync(node, ["--version"], { encoding: "utf8" });
  if (ran.status !== 0)
    throw new Error(
      `Node ${nodeVersion} from npm does not run here: ${ran.error?.message ?? ran.stderr}; install Node ${leastMajor} and put it first in PATH`,
    );
}

function cachedNode(env) {
  return nodeIn(path.join(cacheFolder(env), "node", nodeVersion));
}

function nodeIn(folder) {
  return path.join(folder, "node_modules", "node", "bin", "node");
}
