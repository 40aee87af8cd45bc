import type { ProxySummary, SyncState } from "../../api/cli-contract.ts";
import { closest } from "../../std/closest.ts";
import type { ApiClient } from "../client.ts";
import type { CommandModule } from "../command-module.ts";
import { formatAge } from "../duration.ts";
import { CliError, exitCodes } from "../exit.ts";
import { allNamespacesOption, namespaceOption, outputOption } from "../options.ts";
import type { Colors } from "../output/colors.ts";
import { type Format, formats, renderListing } from "../output/format.ts";
import type { Column } from "../output/table.ts";
import type { Session } from "../session.ts";

interface Flags {
  readonly output: Format;
  readonly namespace?: string;
}

export const define: CommandModule["define"] = (command, session) => {
  command
    .usage("[POD | WORKLOAD] [options]")
    .description(
      `Shows for each proxy and type of configuration whether it has what was sent.
SYNCED: acknowledged. STALE: sent, not yet acknowledged. ERROR: refused by Envoy,
with its words and the YAML that they are about.

Examples:
  weft proxy-status
  weft ps reviews-v1
  weft ps -o json`,
    )
    .argument("[pod]", "one proxy, in detail")
    .addOption(namespaceOption())
    .addOption(allNamespacesOption())
    .addOption(outputOption(formats))
    .action((pod: string | undefined, flags: Flags) => proxyStatus(pod, flags, session));
};

export const places: CommandModule["places"] = ["proxy", "nothing"];

const typeNames = ["CDS", "LDS", "EDS", "RDS", "SRDS", "SDS"] as const;

async function proxyStatus(pod: string | undefined, flags: Flags, session: Session): Promise<void> {
  const client = await session.client();
  const all = await proxiesOf(client);
  const inNamespace = all.filter((p) => flags.namespace === undefined || p.namespace === flags.namespace);
  const items = pod === undefined ? inNamespace : [findProxy(inNamespace, pod)];
  const [one] = items;
  if (pod !== undefined && one !== undefined && (flags.output === "table" || flags.output === "wide")) {
    session.out(await detail(one, session));
  } else {
    const now = session.deps.clock.now();
    session.out(
      await renderListing(
        { kind: "ProxyList", items, columns: columns(session.colors), wide: wide(now), name: (p) => `proxy/${p.id}` },
        flags.output,
      ),
    );
  }
  if (items.length === 0) session.say("No proxies.");
  for (const proxy of items) tellErrors(proxy, session);
}

export async function proxiesOf(client: ApiClient): Promise<readonly ProxySummary[]> {
  return (await client.get<{ readonly items: readonly ProxySummary[] }>("proxies")).items;
}

/** A proxy by `pod.namespace`, or by its pod's or workload's name where only one is called so. */
export function findProxy(all: readonly ProxySummary[], word: string): ProxySummary {
  const exact = all.find((p) => p.id === word || `${p.namespace}/${p.pod}` === word);
  if (exact !== undefined) return exact;
  const bare = word.replace(/^(pod|po|deployment|deploy|workload)\//, "");
  const pods = all.filter((p) => p.pod === bare);
  const found =
    pods.length > 0
      ? pods
      : all.filter((p) => p.workload === bare || `${p.workload}.${p.namespace}` === bare || p.id === bare);
  const [first] = found;
  if (first === undefined) throw new CliError(exitCodes.notFound, `there is no proxy ${word}`, nearest(all, bare));
  if (found.length > 1 && pods.length > 1)
    throw new CliError(exitCodes.conflict, `several proxies are named ${word}`, `add the namespace: ${list(found)}`);
  return first;
}

function nearest(all: readonly ProxySummary[], word: string): string {
  if (all.length === 0) return "no proxy has connected yet";
  const meant = closest(word, [...new Set(all.flatMap((p) => [p.workload, p.pod, p.id]))]);
  return meant === undefined ? `there are: ${list(all)}` : `did you mean ${meant}?`;
}

function list(proxies: readonly ProxySummary[]): string {
  const shown = proxies.slice(0, 8).map((p) => p.id);
  return proxies.length > 8 ? `${shown.join(", ")} and ${proxies.length - 8} more` : shown.join(", ");
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
