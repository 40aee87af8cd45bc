import { existsSync, readFileSync } from "node:fs";
import { dirname, isAbsolute, join, resolve, sep } from "node:path";
import type { Duplex } from "node:stream";
import type { CliDeps } from "./deps.ts";
import { CliError, exitCodes } from "./exit.ts";
import { type MeshEntry, registryDir, runningMeshes } from "./registry.ts";

/** Where the control plane is, and how that was found out. */
export interface Target {
  /** `http://127.0.0.1:20001`, without a slash at its end. */
  readonly server: string;
  readonly token?: string;
  /** `--server`, `WEFT_SERVER`, `/shop/.weft.yaml`, `mesh bookinfo`, `default`. */
  readonly from: string;
  /** The running mesh's entry, where there is one. */
  readonly mesh?: MeshEntry;
  /** Other meshes that run, where one had to be chosen. */
  readonly others?: readonly string[];
  /** How it is reached where it is not by its address: through an API server. */
  readonly connect?: () => Promise<Duplex>;
}

/** Where a control plane is looked for when nothing says otherwise. */
export const defaultServer = "http://localhost:20001";

export type ServerDeps = Pick<CliDeps, "env" | "cwd" | "home" | "processes">;

/** Flag, then WEFT_SERVER, then the project's `.weft.yaml`, then the running meshes, then the default port. */
export async function findServer(flag: string | undefined, deps: ServerDeps): Promise<Target> {
  const running = runningMeshes(registryDir(deps.env, deps.home), deps.processes.alive);
  const said = flag ?? nonEmpty(deps.env["WEFT_SERVER"]);
  if (said !== undefined) {
    const server = normalServer(said, flag === undefined ? "WEFT_SERVER" : "--server");
    return withToken({ server, from: flag === undefined ? "WEFT_SERVER" : "--server" }, running, deps);
  }
  const project = await projectServer(deps.cwd);
  if (project !== undefined) {
    if (project.token !== undefined) return project;
    return withToken(project, running, deps);
  }
  const mesh = chooseMesh(running, deps.cwd);
  if (mesh === undefined) return withToken({ server: defaultServer, from: "default" }, running, deps);
  const others = running.filter((m) => m !== mesh && !within(deps.cwd, m.dir)).map((m) => m.name);
  const chosen = others.length > 0 && !within(deps.cwd, mesh.dir) ? { others } : {};
  return {
    server: normalServer(mesh.server, "registry"),
    token: mesh.token,
    from: `mesh ${mesh.name}`,
    mesh,
    ...chosen,
  };
}

/** The mesh of the folder that the user is in, else the one that was started last. */
function chooseMesh(running: readonly MeshEntry[], cwd: string): MeshEntry | undefined {
  const here = running.filter((m) => within(cwd, m.dir)).sort((a, b) => b.dir.length - a.dir.length);
  return here[0] ?? running[0];
}

function within(path: string, folder: string): boolean {
  return path === folder || path.startsWith(folder.endsWith(sep) ? folder : folder + sep);
}

function withToken(target: Target, running: readonly MeshEntry[], deps: ServerDeps): Target {
  const token = nonEmpty(deps.env["WEFT_TOKEN"]);
  if (token !== undefined) return { ...target, token };
  const mesh = running.find((m) => sameAddress(m.server, target.server));
  return mesh === undefined ? target : { ...target, token: mesh.token, mesh };
}

function sameAddress(a: string, b: string): boolean {
  const plain = (text: string) => {
    const url = new URL(text);
    const host = /^(localhost|127\.0\.0\.1|\[::1\])$/.test(url.hostname) ? "localhost" : url.hostname;
    return `${url.protocol}//${host}:${url.port || (url.protocol === "https:" ? "443" : "80")}`;
  };
  return plain(a) === plain(b);
}

/** `localhost:20001` is taken as `http://localhost:20001`. Throws a usage error. */
export function normalServer(text: string, from: string): string {
  const full = /^[a-z]+:\/\//i.test(text) ? text : `http://${text}`;
  const url = URL.canParse(full) ? new URL(full) : undefined;
  if (url === undefined || (url.protocol !== "http:" && url.protocol !== "https:"))
    throw new CliError(exitCodes.usage, `${from} ${text}: not an address`, "write it like http://localhost:20001");
  return full.replace(/\/+$/, "");
}

/** `server` and `tokenFile` of the nearest `.weft.yaml` from here up. */
async function projectServer(cwd: string): Promise<Target | undefined> {
  for (let folder = resolve(cwd); ; folder = dirname(folder)) {
    const path = join(folder, ".weft.yaml");
    if (existsSync(path)) return readProject(path, folder);
    if (folder === dirname(folder)) return undefined;
  }
}

async function readProject(path: string, folder: string): Promise<Target | undefined> {
  const { parse } = await import("yaml");
  let value: { readonly server?: unknown; readonly tokenFile?: unknown } | null;
  try {
    value = parse(readFileSync(path, "utf8")) as typeof value;
  } catch (error) {
    throw new CliError(exitCodes.badData, `${path}: ${(error as Error).message}`);
  }
  if (typeof value?.server !== "string") return undefined;
  const target: Target = { server: normalServer(value.server, path), from: path };
  if (typeof value.tokenFile !== "string") return target;
  const tokenPath = isAbsolute(value.tokenFile) ? value.tokenFile : join(folder, value.tokenFile);
  try {
    return { ...target, token: readFileSync(tokenPath, "utf8").trim() };
  } catch {
    throw new CliError(exitCodes.noInput, `${path}: tokenFile ${tokenPath} cannot be read`);
  }
}

/** The token in a file, as `--token-file` names it; undefined where none is named. Throws where there is none in it. */
export function tokenIn(file: string | undefined): string | undefined {
  if (file === undefined) return undefined;
  let text: string;
  try {
    text = readFileSync(file, "utf8").trim();
  } catch (error) {
    throw new CliError(exitCodes.noInput, `--token-file ${file} cannot be read: ${(error as Error).message}`);
  }
  if (/^[\x21-\x7e]+$/.test(text)) return text;
  throw new CliError(
    exitCodes.badData,
    `--token-file ${file}: there is no token in it`,
    "it holds the token and nothing else",
  );
}

export function nonEmpty(text: string | undefined): string | undefined {
  return text === "" ? undefined : text;
}
