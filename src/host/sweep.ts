import { rmSync } from "node:fs";
import { join } from "node:path";
import { alive, signal } from "../agent/process.ts";
import { attempt, find } from "./command.ts";
import { releaseForwarding } from "./forwarding.ts";
import { endMarked, meshId } from "./marks.ts";
import { bridgeName } from "./namespaces.ts";
import { bootId, readState, removeState } from "./state.ts";

/**
 * Takes away all that a mesh has on this machine, whether its control plane lives or not: processes, interfaces, rules, sockets, state.
 * Logs stay. Answers false when there was nothing.
 */
export async function sweep(stateDir: string, graceMs = 15_000): Promise<boolean> {
  const state = readState(stateDir);
  const id = state?.id ?? meshId(stateDir);
  const { owner } = state ?? {};
  if (owner !== undefined && owner.pid !== process.pid && signal(owner, "SIGTERM")) {
    const end = Date.now() + graceMs;
    while (alive(owner) && Date.now() < end) await pause();
    signal(owner, "SIGKILL");
  }
  // Where there is no /proc to find them by their mark, what was written down has to do.
  for (const pod of state?.boot === bootId() ? (state?.pods ?? []) : []) {
    for (const each of [pod.application, pod.proxy, pod.holder]) if (each) signal(each, "SIGKILL", true);
  }
  let ended = 0;
  // A process that was just starting another one: look until none is left.
  for (let turn = 0; turn < 20; turn++) {
    const now = endMarked(id);
    ended += now;
    if (now === 0) break;
    await pause();
  }
  if (find("ip")) await attempt(["ip", "link", "del", bridgeName(id)]);
  if (find("nft") && process.getuid?.() === 0) await attempt(["nft", "delete", "table", "ip", bridgeName(id)]);
  if (process.getuid?.() === 0) await releaseForwarding(bridgeName(id));
  if (state) rmSync(state.runFolder, { recursive: true, force: true });
  for (const pod of state?.pods ?? [])
    rmSync(join(stateDir, "pods", pod.namespace, pod.name, "proxy"), { recursive: true, force: true });
  removeState(stateDir);
  return state !== undefined || ended > 0;
}

function pause(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 50));
}
