import type { VersionAnswer } from "../../api/cli-contract.ts";
import type { CommandModule } from "../command-module.ts";
import { CliError, exitCodes } from "../exit.ts";
import type { KubeCluster } from "../kube/cluster.ts";
import { booleanOption, outputOption, revisionOption } from "../options.ts";
import { renderData } from "../output/format.ts";
import type { Session } from "../session.ts";

interface Flags {
  readonly short?: boolean;
  readonly remote: boolean;
  readonly revision?: string;
  readonly output: "table" | "json" | "yaml";
}

export const define: CommandModule["define"] = (command, session) => {
  command
    .usage("[options]")
    .description(
      `Shows the versions of this program, of the control plane and of the proxies; on a
cluster those of each revision.

Examples:
  weft version
  weft version --remote=false
  weft version -o json`,
    )
    .option("-s, --short", "numbers only")
    .addOption(booleanOption("--remote", "ask the control plane", true))
    .addOption(revisionOption())
    .addOption(outputOption(["table", "json", "yaml"]))
    .action((flags: Flags) => version(flags, session));
};

/** A control plane: one, or the replicas of a revision. */
interface Plane {
  readonly revision?: string;
  readonly version: string;
  readonly replicas?: number;
}

interface Remote {
  readonly planes: readonly Plane[];
  readonly envoy: string;
  readonly proxies: VersionAnswer["proxies"];
}

async function version(flags: Flags, session: Session): Promise<void> {
  const client = session.deps.version;
  const remote = flags.remote ? await ask(flags, session) : undefined;
  if (flags.output !== "table") {
    const data = { apiVersion: "cli.weft.dev/v1", kind: "Version", client, ...(remote && asData(remote)) };
    session.out(await renderData(data, flags.output));
    return;
  }
  if (remote === undefined) {
    session.out(flags.short || !flags.remote ? `${client}\n` : `client version: ${client}\n`);
    return;
  }
  const counts = new Map<string, number>();
  for (const proxy of remote.proxies) counts.set(proxy.envoyVersion, (counts.get(proxy.envoyVersion) ?? 0) + 1);
  const proxies = [...counts].map(([v, n]) => `${v} (${n} prox${n === 1 ? "y" : "ies"})`).join(", ");
  session.out(
    [`client version: ${client}`, ...remote.planes.map(planeLine), `data plane version: ${proxies || "none"}`, ""].join(
      "\n",
    ),
  );
  for (const plane of remote.planes)
    if (minor(client) !== minor(plane.version))
      session.warn(`this program and the control plane are of different versions (${client} and ${plane.version})`);
}

function planeLine({ revision, version: its, replicas }: Plane): string {
  if (revision === undefined) return `control plane version: ${its}`;
  return `control plane version: ${its} (revision ${revision}, ${replicas} replica${replicas === 1 ? "" : "s"})`;
}

function asData({ planes, envoy, proxies }: Remote) {
  const [only] = planes;
  return only?.revision === undefined
    ? { controlPlane: only?.version, envoy, proxies }
    : { controlPlanes: planes, envoy, proxies };
}

async function ask(flags: Flags, session: Session): Promise<Remote | undefined> {
  try {
    const where = await session.where(flags.revision);
    if ("choice" in where) return await ofCluster(where, session);
    const answer = await (await session.client()).get<VersionAnswer>("version");
    return { planes: [{ version: answer.version }], envoy: answer.envoyVersion, proxies: answer.proxies };
  } catch (error) {
    if (!(error instanceof CliError) || error.exitCode !== exitCodes.unreachable) throw error;
    session.say(error.message);
    return undefined;
  }
}

async function ofCluster(cluster: KubeCluster, session: Session): Promise<Remote> {
  const { clusterApis } = await import("../kube/cluster-api.ts");
  const apis = await clusterApis(cluster, session.deps.interrupted, session.options.timeoutMs);
  const answers = await Promise.all(
    apis.map(async ({ replica, client }) => ({ replica, answer: await client.get<VersionAnswer>("version") })),
  );
  const planes = new Map<string, Plane>();
  for (const { replica, answer } of answers) {
    const key = `${replica.revision} ${answer.version}`;
    const replicas = (planes.get(key)?.replicas ?? 0) + 1;
    planes.set(key, { revision: replica.revision, version: answer.version, replicas });
  }
  const proxies = new Map(answers.flatMap(({ answer }) => answer.proxies.map((proxy) => [proxy.id, proxy] as const)));
  return { planes: [...planes.values()], envoy: answers[0]?.answer.envoyVersion ?? "", proxies: [...proxies.values()] };
}

function minor(version: string): string {
  return version.split(".").slice(0, 2).join(".");
}
