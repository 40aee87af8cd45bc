import fs from "node:fs";
import path from "node:path";
import { npmEnv, run } from "./run.mjs";

/** True when a folder's node_modules is what its package-lock.json says, for this machine. */
export function packagesCurrent(folder) {
  const wanted = read(path.join(folder, "package-lock.json"));
  const installed = read(path.join(folder, "node_modules", ".package-lock.json"));
  if (wanted === undefined || installed === undefined) return false;
  return Object.entries(wanted.packages).every(([place, found]) => {
    if (place === "" || found.link) return true;
    const here = installed.packages[place];
    // Packages for other machines are in the lock file and not in the folder.
    return here === undefined ? found.optional === true || found.peer === true : here.version === found.version;
  });
}

/** Installs a folder's npm packages exactly as its lock file says, unless they are there. */
export async function ensurePackages(folder, { step, name, env = process.env }) {
  if (!fs.existsSync(path.join(folder, "package-lock.json")) || packagesCurrent(folder)) return;
  await step(`Installing npm packages${name}`, () => install(folder, env));
}

/**
 * `npm ci`; and where that refuses because a registry has, or had, no package of an optional dependency for some other machine, an install
 * that keeps to the same versions and writes no lock file.
 */
async function install(folder, env) {
  const options = { cwd: folder, env: npmEnv(env) };
  const flags = ["--no-audit", "--no-fund", "--loglevel=error"];
  try {
    await run("npm", ["ci", ...flags], options);
  } catch (error) {
    if (!/npm ci|in sync|E404|ETARGET/.test(error.message)) throw error;
    await run("npm", ["install", "--no-save", ...flags], options);
  }
}

function read(file) {
  try {
    return JSON.parse(fs.readFileSync(file, "utf8"));
  } catch {
    return undefined;
  }
}
