import { spawn } from "node:child_process";
import { mkdirSync, readFileSync } from "node:fs";
import type { Server } from "node:net";
import { join } from "node:path";
import { alive, type ProcessId, processId, signal } from "../agent/process.ts";
import { find, toolEnv } from "./command.ts";
import { doorAddresses, listenAt } from "./doors.ts";
import { keeperCommand, orderKeeper, startKeeper } from "./keeper-client.ts";
import { markName, meshId } from "./marks.ts";
import { outerUser } from "./mode.ts";
import { keeperSocket, runFolderOf } from "./run-folder.ts";
import { writeWhole } from "./state.ts";

export interface UserNamespaceOptions {
  readonly stateDir: string;
  /** Ports that shall be open outside: those of the gateway, and of whatever the control plane itself serves to people. */
  readonly doors: readonly number[];
  /** Program and arguments that run `keeperMain`; from the sources by default. */
  readonly keeperCommand?: readonly string[];
}

/** What holds a mesh without root together. */
interface Holding {
  readonly holder: ProcessId;
}

const fileName = "user-namespace.json";

/**
 * Makes this very process go on inside the mesh's user namespace, as root of it: same process number, terminal and signals, `argv` run anew
 * with `WEFT_OUTER_USER` set. The namespace is made when it is not there, with a keeper whose doors are open outside; both outlive the
 * control plane. Never returns; rejects when a port is taken: `port 8080 is taken; ...`.
 */
export async function enterUserNamespace(options: UserNamespaceOptions, argv: readonly string[]): Promise<never> {
  const holder = await holdUserNamespace(options);
  const enter = [...enterCommand(holder), process.execPath, ...process.execArgv, ...argv];
  const user = `${process.getuid?.() ?? 0}:${process.getgid?.() ?? 0}`;
  const env = Object.fromEntries(
    Object.entries({ ...process.env, [outerUser]: user }).filter(([, value]) => value !== undefined),
  );
  return process.execve?.(enter[0] as string, enter, env as NodeJS.ProcessEnv) as never;
}

/** The command that runs another one inside the namespace of `holder`. */
function enterCommand(holder: ProcessId): string[] {
  return [find("nsenter") ?? "nsenter", "-t", String(holder.pid), "--user", "--net", "--preserve-credentials", "--"];
}

/** The namespace of a mesh, with its keeper: those that are there, or new ones. */
async function holdUserNamespace(options: UserNamespaceOptions): Promise<ProcessId> {
  const { stateDir, doors } = options;
  mkdirSync(stateDir, { recursive: true, mode: 0o700 });
  const socketPath = keeperSocket(runFolderOf(stateDir));
  const before = read(stateDir);
  const holder = before !== undefined && alive(before.holder) ? before.holder : await newNamespace(meshId(stateDir));
  const keeper = await orderKeeper(socketPath, { doors: doors.map((port) => ({ port })) }).catch(() => undefined);
  if (holder === before?.holder && doors.every((port) => keeper?.inherited.includes(port))) return holder;
  const old = keeper && processId(keeper.pid);
  if (old) signal(old, "SIGKILL");
  await openOutside(options, holder, socketPath).catch((error: unknown) => {
    if (holder !== before?.holder) signal(holder, "SIGKILL");
    throw error;
  });
  writeWhole(join(stateDir, fileName), JSON.stringify({ holder } satisfies Holding));
  return holder;
}

/** A keeper inside, with listening sockets that were opened outside. */
async function openOutside(options: UserNamespaceOptions, holder: ProcessId, socketPath: string): Promise<void> {
  const servers: Server[] = [];
  const handed: { port: number; fd: number }[] = [];
  try {
    for (const port of options.doors) {
      for (const server of await listenAt(port, doorAddresses)) {
        servers.push(server);
        handed.push({ port, fd: descriptor(server) });
      }
    }
    await startKeeper({
      command: [...enterCommand(holder), ...(options.keeperCommand ?? keeperCommand)],
      socketPath,
      logFile: join(options.stateDir, "keeper.log"),
      env: { ...process.env, NODE_OPTIONS: "", [markName]: meshId(options.stateDir) },
      doors: handed,
    });
  } finally {
    for (const server of servers) server.close();
  }
}

/** Node has no public name for it. */
function descriptor(server: Server): number {
  return (server as unknown as { _handle: { fd: number } })._handle.fd;
}

function newNamespace(mesh: string): Promise<ProcessId> {
  const args = [
    "--user",
    "--map-root-user",
    "--net",
    "--",
    "sh",
    "-c",
    "ip link set lo up && echo held && exec sleep 2147483647",
  ];
  const child = spawn("unshare", args, {
    stdio: ["ignore", "pipe", "pipe"],
    detached: true,
    cwd: "/",
    env: { ...toolEnv(), [markName]: mesh },
  });
  return new Promise((resolve, reject) => {
    let complaint = "";
    child.stderr.on("data", (data: Buffer) => {
      complaint += data.toString();
    });
    child.on("error", reject);
    child.on("exit", (code) =>
      reject(new Error(`a user namespace could not be made: ${complaint.trim() || `exit code ${code}`}`)),
    );
    child.stdout.once("data", () => {
      const id = child.pid === undefined ? undefined : processId(child.pid);
      child.stdout.destroy();
      child.stderr.destroy();
      child.unref();
      if (id) resolve(id);
    });
  });
}

function read(stateDir: string): Holding | undefined {
  try {
    return JSON.parse(readFileSync(join(stateDir, fileName), "utf8")) as Holding;
  } catch {
    return undefined;
  }
}
