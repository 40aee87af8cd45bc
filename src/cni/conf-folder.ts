import { type Dirent, existsSync, watch } from "node:fs";
import { chmod, chown, readdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Clock } from "../std/clock.ts";
import type { Log } from "../std/log.ts";
import { type PluginEntry, withoutPlugin, withPlugin } from "./conflist.ts";

/** As runtimes choose: the first of these, by name. https://github.com/containerd/go-cni/blob/v1.1.12/opts.go */
const configuration = /\.(conflist|conf|json)$/;

/** Another tool writes a file in several steps; and one that fights with us must not turn both into a busy loop. */
const settleMs = 50;

/** A watch may miss something on odd file systems. */
const lookAgainMs = 30_000;

export interface ConfFolderOptions {
  /** `/etc/cni/net.d` of the host. */
  readonly folder: string;
  readonly entry: PluginEntry;
  readonly clock: Clock;
  readonly log: Log;
}

export interface ConfFolder {
  /** Whether our entry stands in the configuration that runtimes use. */
  installed(): boolean;
  stop(): void;
}

/** Puts our entry into the node's network configuration, and again whenever another tool has rewritten it. */
export async function keepPlugin(options: ConfFolderOptions): Promise<ConfFolder> {
  const { folder, clock, log } = options;
  let installed = false;
  let complaint = "";
  let running: Promise<void> | undefined;
  let stopped = false;
  let cancel = () => {};
  const look = async () => {
    try {
      const changed = await installPlugin(folder, options.entry);
      if (changed !== undefined)
        log.info("our plugin stands last in the node's network configuration", { file: changed });
      installed = true;
      complaint = "";
    } catch (error) {
      installed = false;
      const { message } = error as Error;
      if (message !== complaint) log.warn("our plugin is not in the node's network configuration", { error: message });
      complaint = message;
    }
  };
  const schedule = (ms: number) => {
    cancel();
    if (stopped) return;
    cancel = clock.after(ms, () => {
      running = (running ?? Promise.resolve()).then(look).then(() => schedule(lookAgainMs));
    });
  };
  const watcher = watch(folder, (_, name) => {
    if (name === null || configuration.test(name)) schedule(settleMs);
  });
  watcher.on("error", (error) =>
    log.warn("cannot watch the folder of network configurations", { error: error.message }),
  );
  await look();
  schedule(lookAgainMs);
  return {
    installed: () => installed,
    stop: () => {
      stopped = true;
      cancel();
      watcher.close();
    },
  };
}

/**
 * Our entry at the end of the first network configuration of a folder. Answers the file that was changed, undefined where none had to be. Throws an
 * Error that names the file.
 */
export async function installPlugin(folder: string, entry: PluginEntry): Promise<string | undefined> {
  const [first] = await configurations(folder);
  if (first === undefined)
    throw new Error(`${folder}: no network configuration yet; another CNI plugin must bring one`);
  const path = join(folder, first);
  const text = await readFile(path, "utf8");
  const next = about(path, () => withPlugin(text, entry));
  if (next === undefined) return undefined;
  const list = path.replace(configuration, ".conflist");
  await replace(path, list, text, next);
  return list;
}

/** Takes our entry out of every network configuration of a folder. Answers the files that were changed. */
export async function removePlugin(folder: string): Promise<readonly string[]> {
  const changed: string[] = [];
  for (const name of await configurations(folder)) {
    const path = join(folder, name);
    const text = await readFile(path, "utf8");
    const next = without(text);
    if (next === undefined) continue;
    await replace(path, path, text, next);
    changed.push(path);
  }
  return changed;
}

function without(text: string): string | undefined {
  try {
    return withoutPlugin(text);
  } catch {
    // No configuration of a network: it cannot hold our entry.
    return undefined;
  }
}

async function configurations(folder: string): Promise<string[]> {
  const entries: Dirent[] = await readdir(folder, { withFileTypes: true });
  const files = entries.filter((entry) => !entry.isDirectory() && configuration.test(entry.name));
  return files.map(({ name }) => name).sort((a, b) => (a < b ? -1 : 1));
}

/** In one step: runtimes see the file as it was or as it shall be. It keeps its owner and mode; what another tool writes meanwhile is not lost. */
async function replace(from: string, to: string, before: string, after: string): Promise<void> {
  if (from !== to && existsSync(to)) throw new Error(`${from}: ${to} exists too; remove the one that is not meant`);
  const { mode, uid, gid } = await stat(from);
  const next = `${to}.weft-tmp`;
  await writeFile(next, after, { mode: 0o600, flush: true });
  await chmod(next, mode & 0o777);
  await chown(next, uid, gid);
  if ((await readFile(from, "utf8")) !== before) throw new Error(`${from}: another tool has just changed it`);
  await rename(next, to);
  if (from !== to) await rm(from, { force: true });
}

function about<T>(path: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw new Error(`${path}: ${(error as Error).message}`);
  }
}
