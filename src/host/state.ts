import { closeSync, fsyncSync, mkdirSync, openSync, readFileSync, renameSync, rmSync, writeSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import type { ProcessId } from "../agent/process.ts";

/** How Pods are kept apart. `userns` is `netns` inside a user namespace: no root needed. */
export type Mode = "netns" | "userns" | "loopback";

export interface PodRecord {
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
  readonly workload: string;
  readonly hash: string;
  readonly number: number;
  readonly createdAt: number;
  readonly holder?: ProcessId;
  readonly proxy?: ProcessId;
  readonly application?: ProcessId;
  readonly ready?: boolean;
  readonly restarts?: { readonly proxy: number; readonly application: number };
}

/** What a mesh has on this machine, on disk, so that its next control plane finds it, and `weft down` can take it away. */
export interface HostState {
  readonly version: 1;
  /** Names the mesh's bridge, interfaces and processes. */
  readonly id: string;
  /** Of this start of the machine: processes of another are gone. */
  readonly boot: string;
  readonly mode: Mode;
  readonly range: string;
  readonly egress: boolean;
  /** The control plane that wrote this. */
  readonly owner?: ProcessId;
  /** Folder for sockets, whose names must be short. */
  readonly runFolder: string;
  readonly nextNumber: number;
  readonly pods: readonly PodRecord[];
}

const fileName = "host.json";

/** The state that is on disk; undefined where there is none, or none that can be read. */
export function readState(stateDir: string): HostState | undefined {
  try {
    const state = JSON.parse(readFileSync(join(stateDir, fileName), "utf8")) as HostState;
    return state.version === 1 && typeof state.id === "string" && Array.isArray(state.pods) ? state : undefined;
  } catch {
    return undefined;
  }
}

/** Written whole or not at all. Throws what the disk says: `ENOSPC: no space left on device`. */
export function writeState(stateDir: string, state: HostState): void {
  writeWhole(join(stateDir, fileName), JSON.stringify(state), true);
}

export function removeState(stateDir: string): void {
  rmSync(join(stateDir, fileName), { force: true });
}

/** Replaces a file by rename, readable by its owner alone: a reader sees the old or the new text, never half of one. */
export function writeWhole(file: string, text: string, sync = false): void {
  const beside = `${file}.${process.pid}.tmp`;
  mkdirSync(join(file, ".."), { recursive: true, mode: 0o700 });
  const fd = openSync(beside, "w", 0o600);
  try {
    writeSync(fd, text);
    if (sync) fsyncSync(fd);
  } catch (error) {
    rmSync(beside, { force: true });
    throw error;
  } finally {
    closeSync(fd);
  }
  renameSync(beside, file);
}

/** Names this start of the machine. */
export function bootId(): string {
  try {
    return readFileSync("/proc/sys/kernel/random/boot_id", "latin1").trim();
  } catch {
    return hostname();
  }
}
