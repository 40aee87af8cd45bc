import { Option } from "commander";
import type { ConfigDetail, ConfigObject } from "../../api/contract/config.ts";
import type { Workload } from "../../api/contract/workloads.ts";
import { closest } from "../../std/closest.ts";
import type { ApiClient } from "../client.ts";
import type { CommandModule } from "../command-module.ts";
import { parseDuration, parseNumber } from "../duration.ts";
import { CliError, exitCodes } from "../exit.ts";
import type { KubeCluster } from "../kube/cluster.ts";
import type { Pod } from "../kube/pod.ts";
import { namespaceOption } from "../options.ts";
import type { Session } from "../session.ts";
import { objectPath } from "./get.ts";

interface Flags {
  readonly follow?: boolean;
  readonly tail?: string;
  readonly container: string;
  readonly namespace?: string;
  readonly since?: string;
  readonly previous?: boolean;
}

export const define: CommandModule["define"] = (command, session) => {
  command
    .usage("POD | deployment/NAME | service/NAME [options]")
    .description(
      `Prints what a workload's application, or its Envoy, has written. A name alone is
a pod, else a workload, else a service; of several pods each line says whose.
On a cluster -c takes a container's name as well.

Examples:
  weft logs reviews-v1
  weft logs deployment/reviews-v1 -f
  weft logs reviews --tail 20
  weft logs productpage-v1 -c proxy`,
    )
    .argument("<target>", "a pod, a workload or a service")
    .option("-f, --follow", "go on as more is written")
    .option("--tail <lines>", "only the last lines")
    .addOption(new Option("-c, --container <name>", "whose log: application, proxy").default("application"))
    .option("--since <duration>", "only what is not older (on a cluster)")
    .option("-p, --previous", "of the container before the last restart (on a cluster)")
    .addOption(namespaceOption())
    .action((target: string, flags: Flags) => logs(target, flags, session));
};

export const places: CommandModule["places"] = ["pod", "nothing"];
export const values: CommandModule["values"] = { container: ["application", "proxy"] };

async function logs(target: string, flags: Flags, session: Session): Promise<void> {
  const where = await session.where();
  const tail = flags.tail === undefined ? undefined : parseNumber("--tail", flags.tail, 0, 1e9);
  if ("choice" in where) return logsOfCluster(where, target, tail, flags, session);
  if (flags.container !== "application" && flags.container !== "proxy")
    throw new CliError(
      exitCodes.usage,
      `-c ${flags.container}: a mesh on this machine has no containers`,
      "write application or proxy",
    );
  const client = await session.client();
  const pods = await podsOf(target, flags.namespace, client);
  const query = { container: flags.container, follow: flags.follow ?? false, tail };
  await printLogs(pods, (pod) => client.stream(`logs/${encodeURIComponent(pod)}`, query), flags, session);
}

async function logsOfCluster(
  cluster: KubeCluster,
  target: string,
  tail: number | undefined,
  flags: Flags,
  session: Session,
): Promise<void> {
  const [{ findPods }, { podLog }] = await Promise.all([import("../kube/find-pods.ts"), import("../kube/pod-logs.ts")]);
  const pods = await findPods(cluster, target, flags.namespace);
  const byName = new Map(pods.map((pod) => [pod.metadata.name, pod]));
  const options = {
    container: flags.container,
    ...(flags.follow ? { follow: true } : {}),
    ...(flags.previous ? { previous: true } : {}),
    ...(tail === undefined ? {} : { tail }),
    ...(flags.since === undefined ? {} : { sinceSeconds: Math.ceil(parseDuration("--since", flags.since) / 1000) }),
  };
  await printLogs([...byName.keys()], (name) => podLog(cluster, byName.get(name) as Pod, options), flags, session);
}

async function printLogs(
  pods: readonly string[],
  open: (pod: string) => AsyncIterable<string>,
  flags: Flags,
  session: Session,
): Promise<void> {
  const widest = Math.max(...pods.map((p) => p.length));
  const one = async (pod: string) => {
    const prefix = pods.length > 1 ? `${session.colors.cyan(pod.padEnd(widest))} | ` : "";
    const printer = linePrinter(prefix, session);
    for await (const chunk of open(pod)) printer.add(chunk);
    printer.end();
  };
  // Without -f one after the other, so that each pod's lines stay together.
  if (flags.follow) await Promise.all(pods.map(one));
  else for (const pod of pods) await one(pod);
  if (flags.follow && session.deps.interrupted.aborted) session.exitCode = exitCodes.interrupted;
}

/** Prints whole lines, so that two pods' lines do not mix. */
export function linePrinter(prefix: string, session: Pick<Session, "out">) {
  let rest = "";
  return {
    add(chunk: string): void {
      if (prefix === "") {
        session.out(chunk);
        return;
      }
      const lines = (rest + chunk).split("\n");
      rest = lines.pop() ?? "";
      session.out(lines.map((line) => `${prefix}${line}\n`).join(""));
    },
    end(): void {
      if (rest !== "") session.out(`${prefix}${rest}\n`);
      rest = "";
    },
  };
}

/** Ids of the pods that a word means: `reviews-v1-0.default`. Throws where nothing is called so. */
async function podsOf(target: string, namespace: string | undefined, client: ApiClient): Promise<readonly string[]> {
  const [kind, name] = splitTarget(target);
  const workloads = (await client.get<readonly Workload[]>("workloads")).filter(
    (w) => namespace === undefined || w.namespace === namespace,
  );
  const pods = workloads.flatMap((w) => w.proxies.map((p) => p.id));
  if (kind === undefined || kind === "pod") {
    const exact = pods.filter((id) => id === name || id.slice(0, id.lastIndexOf(".")) === name);
    if (exact.length > 0) return exact;
  }
  if (kind === undefined || kind === "workload") {
    const ids = workloads.filter((w) => w.name === name).flatMap((w) => w.proxies.map((p) => p.id));
    if (ids.length > 0) return ids;
  }
  if (kind === undefined || kind === "service") {
    const names = await workloadsOfService(name, namespace, client);
    const ids = workloads
      .filter((w) => names.has(`${w.namespace}/${w.name}`))
      .flatMap((w) => w.proxies.map((p) => p.id));
    if (ids.length > 0) return ids;
  }
  // A pod without a proxy is in no list, but its log may be there.
  if (kind === "pod") return [namespace === undefined ? name : `${name}.${namespace}`];
  const known = [...pods.map((id) => id.slice(0, id.lastIndexOf("."))), ...workloads.map((w) => w.name)];
  const meant = closest(name, known);
  throw new CliError(
    exitCodes.notFound,
    `no pod, workload or service ${name}${namespace === undefined ? "" : ` in namespace ${namespace}`}`,
    meant === undefined ? `there are: ${known.slice(0, 8).join(", ") || "none yet"}` : `did you mean ${meant}?`,
  );
}

function splitTarget(target: string): [kind: "pod" | "workload" | "service" | undefined, name: string] {
  const slash = target.indexOf("/");
  if (slash < 0) return [undefined, target];
  const kinds = {
    pod: "pod",
    pods: "pod",
    po: "pod",
    deployment: "workload",
    deployments: "workload",
    deploy: "workload",
    workload: "workload",
    service: "service",
    services: "service",
    svc: "service",
  } as const;
  const word = target.slice(0, slash).toLowerCase();
  const kind = Object.hasOwn(kinds, word) ? kinds[word as keyof typeof kinds] : undefined;
  if (kind === undefined)
    throw new CliError(
      exitCodes.usage,
      `${target}: "${word}" has no logs`,
      "write POD, deployment/NAME or service/NAME",
    );
  return [kind, target.slice(slash + 1)];
}

/** `namespace/name` of the Deployments whose Pods a Service selects. */
async function workloadsOfService(
  name: string,
  namespace: string | undefined,
  client: ApiClient,
): Promise<ReadonlySet<string>> {
  const all = await client.get<readonly ConfigObject[]>("config");
  const services = all.filter(
    (o) => o.type === "Service" && o.name === name && (namespace === undefined || o.namespace === namespace),
  );
  if (services.length === 0) return new Set();
  const { parse } = await import("yaml");
  const spec = async (object: ConfigObject) => {
    const { yaml } = await client.get<ConfigDetail>(`config/${objectPath(object)}`);
    return (parse(yaml, { version: "1.1" }) as { spec?: Record<string, unknown> } | null)?.spec ?? {};
  };
  const found = new Set<string>();
  for (const service of services) {
    const selector = Object.entries(((await spec(service))["selector"] ?? {}) as Record<string, unknown>);
    if (selector.length === 0) continue;
    for (const o of all.filter((d) => d.type === "Deployment.apps" && d.namespace === service.namespace)) {
      const template = (await spec(o))["template"] as { metadata?: { labels?: Record<string, unknown> } } | undefined;
      const labels = template?.metadata?.labels ?? {};
      if (selector.every(([key, value]) => String(labels[key]) === String(value)))
        found.add(`${o.namespace}/${o.name}`);
    }
  }
  return found;
}
