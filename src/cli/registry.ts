import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** A mesh that runs on this machine. */
export interface MeshEntry {
  readonly name: string;
  /** Absolute path of the folder that it was made of. */
  readonly dir: string;
  /** The control plane: `http://127.0.0.1:20001`. */
  readonly server: string;
  /** Whoever has it may change the mesh. */
  readonly token: string;
  readonly pid: number;
  /** Milliseconds since the epoch. */
  readonly startedAt: number;
  /** Absolute; of a mesh with workloads on this machine, which outlive a control plane that was killed. */
  readonly stateDir?: string;
}

type Env = Readonly<Record<string, string | undefined>>;

/** The folder of all of Weft's state for this user: `~/.local/state/weft`. */
export function stateRoot(env: Env, home: string): string {
  const said = env["XDG_STATE_HOME"];
  return join(said?.startsWith("/") ? said : join(home, ".local", "state"), "weft");
}

/** Where running meshes are entered, one file each. */
export function registryDir(env: Env, home: string): string {
  return join(stateRoot(env, home), "meshes");
}

/** Enters a mesh; only this user can read it. Answers the file's path. Throws what the file system throws. */
export function enterMesh(folder: string, entry: MeshEntry): string {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const path = fileOf(folder, entry.name);
  const next = `${path}.${entry.pid}.tmp`;
  writeFileSync(next, `${JSON.stringify(entry, null, 2)}\n`, { mode: 0o600, flush: true });
  renameSync(next, path);
  return path;
}

/** Takes a mesh out, if it is still the one of that process. */
export function leaveMesh(folder: string, name: string, pid: number): void {
  if (readEntry(fileOf(folder, name))?.pid === pid) rmSync(fileOf(folder, name), { force: true });
}

/** Meshes that run, the latest first. Entries of processes that have ended are removed, unless workloads may be left of them. */
export function runningMeshes(folder: string, alive: (pid: number) => boolean): MeshEntry[] {
  const all = entries(folder);
  for (const entry of all) {
    if (entry.stateDir === undefined && !alive(entry.pid)) rmSync(fileOf(folder, entry.name), { force: true });
  }
  return all.filter((entry) => alive(entry.pid)).sort((a, b) => b.startedAt - a.startedAt);
}

/** Meshes whose control plane has ended without taking them away. */
export function leftBehind(folder: string, alive: (pid: number) => boolean): MeshEntry[] {
  return entries(folder).filter((entry) => entry.stateDir !== undefined && !alive(entry.pid));
}

function entries(folder: string): MeshEntry[] {
  try {
    const names = readdirSync(folder).filter((name) => name.endsWith(".json"));
    return names.flatMap((name) => readEntry(join(folder, name)) ?? []);
  } catch {
    return [];
  }
}

function fileOf(folder: string, name: string): string {
  return join(folder, `${encodeURIComponent(name).replace(/^\./, "%2E")}.json`);
}

/** A file that is no entry is left alone and passed over. */
function readEntry(path: string): MeshEntry | undefined {
  try {
    const value = JSON.parse(readFileSync(path, "utf8")) as Partial<Record<keyof MeshEntry, unknown>> | null;
    const texts = [value?.name, value?.dir, value?.server, value?.token].every((v) => typeof v === "string");
    const numbers = [value?.pid, value?.startedAt].every((v) => typeof v === "number");
    return texts && numbers ? (value as unknown as MeshEntry) : undefined;
  } catch {
    return undefined;
  }
}
