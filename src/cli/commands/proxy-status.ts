import type { ProxySummary, SyncState } from "../../api/cli-contract.ts";
import type { CommandModule } from "../command-module.ts";
import { formatAge } from "../duration.ts";
import type { KubeCluster } from "../kube/cluster.ts";
import { allNamespacesOption, namespaceOption, outputOption, revisionOption } from "../options.ts";
import type { Colors } from "../output/colors.ts";
import { type Format, formats, renderListing } from "../output/format.ts";
import type { Column } from "../output/table.ts";
import { findProxy, proxiesOf } from "../proxies.ts";
import type { Session } from "../session.ts";

interface Flags {
  readonly output: Format;
  readonly namespace?: string;
  readonly revision?: string;
}

export const define: CommandModule["define"] = (command, session) => {
  command
    .usage("[POD | WORKLOAD] [options]")
    .description(
      `Shows for each proxy and type of configuration whether it has what was sent.
SYNCED: acknowledged. STALE: sent, not yet acknowledged. ERROR: refused by Envoy,
with its words and the YAML that they are about. On a cluster every replica of the
control plane is asked; of one proxy it says, too, where its Envoy differs.

Examples:
  weft proxy-status
  weft ps reviews-v1
  weft ps deploy/reviews-v1.shop --context prod
  weft ps -o json`,
    )
    .argument("[pod]", "one proxy, in detail")
    .addOption(namespaceOption())
    .addOption(allNamespacesOption())
    .addOption(revisionOption())
    .addOption(outputOption(formats))
    .action((pod: string | undefined, flags: Flags) => proxyStatus(pod, flags, session));
};

export const places: CommandModule["places"] = ["proxy", "nothing"];

const typeNames = ["CDS", "LDS", "EDS", "RDS", "SRDS", "SDS"] as const;

/** A proxy, and on a cluster the replica of the control plane that told of it. */
type Told = ProxySummary & { readonly controlPlane?: string };

async function proxyStatus(word: string | undefined, flags: Flags, session: Session): Promise<void> {
  const where = await session.where(flags.revision);
  const cluster = "choice" in where ? where : undefined;
  const all: readonly Told[] = cluster ? await ofCluster(cluster, session) : await proxiesOf(await session.client());
  const inNamespace = all.filter((p) => flags.namespace === undefined || p.namespace === flags.namespace);
  const items = word === undefined ? inNamespace : [findProxy(inNamespace, word)];
  const [one] = items;
  if (word !== undefined && one !== undefined && (flags.output === "table" || flags.output === "wide")) {
    session.out(await detail(one, session));
    if (cluster) await tellDifferences(one, session);
  } else {
    const now = session.deps.clock.now();
    const own = columns(session.colors);
    const shown = cluster ? [...own, { title: "CONTROL PLANE", of: (p: Told) => p.controlPlane ?? "-" }] : own;
    session.out(
      await renderListing(
        { kind: "ProxyList", items, columns: shown, wide: wide(now), name: (p) => `proxy/${p.id}` },
        flags.output,
      ),
    );
  }
  if (items.length === 0) session.say("No proxies.");
  for (const proxy of items) tellErrors(proxy, session);
}

async function ofCluster(cluster: KubeCluster, session: Session): Promise<readonly Told[]> {
  const [{ clusterApis }, { mergedProxies }] = await Promise.all([
    import("../kube/cluster-api.ts"),
    import("../kube/merged-proxies.ts"),
  ]);
  const apis = await clusterApis(cluster, session.deps.interrupted, session.options.timeoutMs);
  const { items, silent } = await mergedProxies(apis);
  for (const one of silent) session.warn(`a control plane did not answer, so its proxies are not shown: ${one}`);
  return items;
}

/** Whether Envoy has what was sent. */
async function tellDifferences(proxy: ProxySummary, session: Session): Promise<void> {
  const [{ openDumps }, { compare, comparedTypes }] = await Promise.all([
    import("../proxy-config/dumps.ts"),
    import("../proxy-config/compare.ts"),
  ]);
  const at = { namespace: proxy.namespace };
  const [sent, has] = await Promise.all([
    openDumps(proxy.pod, { ...at, source: "sent" }, session),
    openDumps(proxy.pod, { ...at, source: "envoy" }, session),
  ]);
  session.out("\n");
  for (const type of comparedTypes) {
    const [a, b] = await Promise.all([sent.dump(type), has.dump(type)]);
    session.out(`${compare(type, a.resources, b.resources).join("\n")}\n`);
  }
}

function columns(colors: Colors): readonly Column<ProxySummary>[] {
  return [
    { title: "NAME", of: (p) => p.id },
    { title: "CLUSTER", of: (p) => p.kubeCluster },
    ...typeNames.map((type) => ({
      title: type,
      of: (p: ProxySummary) => stateOf(p, type),
      paint: (text: string, p: ProxySummary) => paintState(colors, text, stateOf(p, type)),
    })),
    { title: "VERSION", of: (p) => p.envoyVersion ?? "-" },
  ];
}

function wide(now: number): readonly Column<ProxySummary>[] {
  return [
    { title: "WORKLOAD", of: (p) => p.workload },
    { title: "KIND", of: (p) => p.kind },
    { title: "ADDRESS", of: (p) => p.address },
    { title: "LAST ACK", of: (p) => (p.lastAckAt === undefined ? "-" : `${formatAge(now - p.lastAckAt)} ago`) },
    {
      title: "CERTIFICATE",
      of: (p) => (p.certificateExpiresAt === undefined ? "-" : `${formatAge(p.certificateExpiresAt - now)} left`),
    },
  ];
}

function stateOf(proxy: ProxySummary, type: string): string {
  if (!proxy.connected) return "GONE";
  return proxy.types[type]?.state ?? "NOT SENT";
}

function paintState(colors: Colors, text: string, state: string): string {
  if (state === ("SYNCED" satisfies SyncState)) return colors.green(text);
  if (state === "ERROR") return colors.red(text);
  return state === "NOT SENT" ? colors.dim(text) : colors.yellow(text);
}

async function detail(proxy: ProxySummary, session: Session): Promise<string> {
  const types = Object.entries(proxy.types).map(([type, state]) => ({ type, ...state }));
  return renderListing(
    {
      kind: "ProxyTypeList",
      items: types,
      columns: [
        { title: "TYPE", of: (t) => t.type },
        { title: "STATE", of: (t) => t.state, paint: (text, t) => paintState(session.colors, text, t.state) },
        { title: "SENT", of: (t) => String(t.sent), align: "right" as const },
        { title: "ACKNOWLEDGED", of: (t) => String(t.acked), align: "right" as const },
        { title: "MADE OF", of: (t) => t.origins?.join(", ") || "-" },
      ],
      name: (t) => t.type,
    },
    "table",
  );
}

function tellErrors(proxy: ProxySummary, session: Session): void {
  for (const [type, state] of Object.entries(proxy.types)) {
    if (state.error === undefined) continue;
    const where = state.origins?.length ? `${state.origins.join(", ")}: ` : "";
    session.say(`${session.errorColors.red("error:")} ${proxy.id} refused ${type}: ${where}${state.error}`);
  }
}
