import type { ShutdownAnswer } from "../../api/cli-contract.ts";
import { ApiClient } from "../client.ts";
import type { CommandModule } from "../command-module.ts";
import { parseDuration } from "../duration.ts";
import { CliError, exitCodes } from "../exit.ts";
import { leaveMesh, leftBehind, type MeshEntry, registryDir, runningMeshes } from "../registry.ts";
import { findServer } from "../server.ts";
import type { Session } from "../session.ts";

interface Flags {
  readonly all?: boolean;
  readonly wait: string;
}

export const define: CommandModule["define"] = (command, session) => {
  command
    .usage("[NAME] [options]")
    .description(
      `Stops a mesh that was started with "weft up", and waits until it is gone.

Examples:
  weft down
  weft down bookinfo
  weft down --all`,
    )
    .argument("[name]", "the mesh (default: the one of this folder, or the last)")
    .option("--all", "every mesh of this user")
    .option("--wait <duration>", "how long to wait until it is gone", "30s")
    .action((name: string | undefined, flags: Flags) => down(name, flags, session));
};

export const places: CommandModule["places"] = ["nothing"];

async function down(name: string | undefined, flags: Flags, session: Session): Promise<void> {
  const { deps } = session;
  const waitMs = parseDuration("--wait", flags.wait);
  const folder = registryDir(deps.env, deps.home);
  const running = runningMeshes(folder, deps.processes.alive);
  if (name === undefined && !flags.all && session.options.server !== undefined) {
    await (await session.addressed(() => "weft uninstall")).post<ShutdownAnswer>("shutdown", "");
    session.say(`${session.options.server} is stopping.`);
    return;
  }
  const left = leftBehind(folder, deps.processes.alive).filter((m) => name === undefined || m.name === name);
  const chosen = flags.all
    ? running
    : left.length > 0 && running.length === 0
      ? []
      : await choose(name, running, left, session);
  for (const mesh of chosen) await stop(mesh, waitMs, session);
  for (const mesh of left) await clear(mesh, folder, session);
  if (chosen.length + left.length === 0) session.say("No mesh runs on this machine.");
}

/** Its control plane was killed; its workloads may run on. */
async function clear({ name, pid, stateDir = "" }: MeshEntry, folder: string, session: Session): Promise<void> {
  const found = await session.deps.sweep(stateDir);
  leaveMesh(folder, name, pid);
  if (found) session.say(`Took away what ${name} had left, whose control plane had ended.`);
}

async function choose(
  name: string | undefined,
  running: readonly MeshEntry[],
  left: readonly MeshEntry[],
  session: Session,
): Promise<readonly MeshEntry[]> {
  if (name === undefined) {
    const { mesh } = await findServer(undefined, session.deps);
    return mesh === undefined ? [] : [mesh];
  }
  const found = running.filter((m) => m.name === name);
  if (found.length > 0 || left.length > 0) return found;
  const names = running.map((m) => m.name).join(", ");
  throw new CliError(exitCodes.notFound, `no mesh ${name} runs`, names === "" ? "none does" : `there are: ${names}`);
}

async function stop(mesh: MeshEntry, waitMs: number, session: Session): Promise<void> {
  const { deps } = session;
  session.say(`Stopping ${mesh.name} ...`);
  try {
    const target = { server: mesh.server, token: mesh.token, from: "registry" };
    await new ApiClient(target, deps.interrupted, 5000).post<ShutdownAnswer>("shutdown", "");
  } catch (error) {
    if (deps.interrupted.aborted) throw error;
    // It does not answer, but its process is there.
    deps.processes.stop(mesh.pid);
  }
  const until = deps.clock.now() + waitMs;
  while (deps.processes.alive(mesh.pid)) {
    if (deps.clock.now() > until)
      throw new CliError(
        exitCodes.timeout,
        `mesh ${mesh.name} is still stopping after ${waitMs / 1000} s (process ${mesh.pid})`,
        "wait longer with --wait, or look at its terminal",
      );
    if (deps.interrupted.aborted) throw new CliError(exitCodes.interrupted, "interrupted");
    await new Promise<void>((done) => deps.clock.after(100, done));
  }
  session.say(`Stopped ${mesh.name}.`);
}
