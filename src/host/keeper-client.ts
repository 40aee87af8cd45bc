import { spawn } from "node:child_process";
import { closeSync, openSync } from "node:fs";
import { connect } from "node:net";
import { createInterface } from "node:readline";
import { type ProcessId, processId } from "../agent/process.ts";
import type { KeeperOrder, KeeperReply } from "./keeper.ts";

export interface KeeperStart {
  /** Program and arguments that run `keeperMain`; the socket and doors are added. */
  readonly command: readonly string[];
  readonly socketPath: string;
  readonly logFile: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Listening sockets to hand over: port and file descriptor of ours. */
  readonly doors?: readonly { readonly port: number; readonly fd: number }[];
}

/** Command of the keeper when the program runs from its sources. */
export const keeperCommand: readonly string[] = [process.execPath, new URL("keeper-main.ts", import.meta.url).pathname];

/** Starts the keeper as a process of its own, and resolves when it listens. */
export function startKeeper(start: KeeperStart): Promise<ProcessId> {
  const doors = start.doors ?? [];
  const [program, ...args] = [...start.command, start.socketPath, ...doors.map((door, i) => `${door.port}=${i + 3}`)];
  const log = openSync(start.logFile, "a", 0o600);
  const stdio = ["ignore" as const, "pipe" as const, log, ...doors.map((door) => door.fd)];
  const child = spawn(program as string, args, { stdio, detached: true, env: start.env, cwd: "/" });
  closeSync(log);
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("exit", (code) => reject(new Error(`the keeper did not start (exit code ${code}); see ${start.logFile}`)));
    child.stdout?.once("data", () => {
      const id = child.pid === undefined ? undefined : processId(child.pid);
      child.stdout?.destroy();
      child.unref();
      if (id) resolve(id);
    });
  });
}

/** Gives the keeper an order and waits until it is carried out. Rejects when there is no keeper. */
export function orderKeeper(socketPath: string, order: KeeperOrder, timeoutMs = 5000): Promise<KeeperReply> {
  const socket = connect(socketPath);
  return new Promise<KeeperReply>((resolve, reject) => {
    socket.setTimeout(timeoutMs, () => reject(new Error("the keeper does not answer")));
    socket.on("error", reject);
    socket.on("close", () => reject(new Error("the keeper closed the connection")));
    const lines = createInterface({ input: socket });
    lines.on("error", reject); // It says again what its socket says.
    lines.once("line", (line) => resolve(JSON.parse(line) as KeeperReply));
    socket.write(`${JSON.stringify(order)}\n`);
  }).finally(() => socket.destroy());
}
