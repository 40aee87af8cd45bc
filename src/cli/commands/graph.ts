import { Option } from "commander";
import type { Graph, GraphEdge, GraphNode } from "../../api/contract/graph.ts";
import type { CommandModule } from "../command-module.ts";
import { parseDuration } from "../duration.ts";
import { CliError, exitCodes } from "../exit.ts";
import { outputOption } from "../options.ts";
import { type Format, formats, renderListing } from "../output/format.ts";
import type { Column } from "../output/table.ts";
import type { Session } from "../session.ts";

interface Flags {
  readonly output: Format;
  readonly namespaces?: string;
  readonly window: string;
  readonly type: string;
  readonly at?: string;
  readonly services?: boolean;
  readonly operations?: boolean;
  readonly noise?: boolean;
}

export const define: CommandModule["define"] = (command, session) => {
  command
    .usage("[options]")
    .description(
      `Prints who calls whom, how often, how fast and with how many errors: the edges
of the console's graph, worst first.

Examples:
  weft graph
  weft graph --type app --window 5m
  weft graph --namespaces default,shop --at 2026-11-22T14:03:00Z -o json`,
    )
    .option("--namespaces <names>", "only what touches these, by commas")
    .option("--window <duration>", "how far back", "60s")
    .option("--at <time>", "as it was then (ISO 8601, or a length of time ago: 10m)")
    .addOption(
      new Option("--type <type>", "what the nodes are")
        .choices(["workload", "app", "versioned", "service"])
        .default("workload"),
    )
    .option("--services", "by way of services")
    .option("--operations", "by way of operations, where metrics tell them")
    .option("--noise", "with scrapes and probes")
    .addOption(outputOption(formats))
    .action((flags: Flags) => graph(flags, session));
};

/** The API's own bound: a listing is not folded into namespaces. */
const unfolded = 50_000;

async function graph(flags: Flags, session: Session): Promise<void> {
  const client = await session.client();
  const { namespaces, type, services, operations, noise } = flags;
  const at = flags.at === undefined ? undefined : momentOf(flags.at, session.deps.clock.now());
  const found = await client.get<Graph>("graph", {
    window: Math.max(1, Math.round(parseDuration("--window", flags.window) / 1000)),
    type,
    fold: unfolded,
    namespaces,
    services,
    operations,
    noise,
    at,
  });
  const nodes = new Map(found.nodes.map((n) => [n.id, n]));
  const items = found.edges.toSorted((a, b) => b.errorShare - a.errorShare || b.rate - a.rate);
  session.out(
    await renderListing(
      { kind: "EdgeList", items, columns: columns(nodes), wide: wideColumns, name: (e) => `edge/${e.id}` },
      flags.output,
    ),
  );
  if (items.length === 0) session.say("No traffic in this time. To make some: weft load");
}

/** Milliseconds since the epoch of a time, or of a length of time ago. Throws a usage error. */
function momentOf(text: string, now: number): number {
  if (/^\d+(\.\d+)?(ms|s|m|h|d)$/.test(text)) return now - parseDuration("--at", text);
  const at = Date.parse(text);
  if (Number.isFinite(at)) return at;
  throw new CliError(
    exitCodes.usage,
    `--at ${text}: not a time`,
    'write "2026-11-22T14:03:00Z", or "10m" for ten minutes ago',
  );
}

function columns(nodes: ReadonlyMap<string, GraphNode>): readonly Column<GraphEdge>[] {
  const named = (id: string) => {
    const node = nodes.get(id);
    if (!node || node.type === "unknown") return "outside";
    const version = node.type === "app" && node.version ? ` ${node.version}` : "";
    return `${node.name}${version}${node.namespace ? `.${node.namespace}` : ""}`;
  };
  return [
    { title: "FROM", of: (e) => named(e.source) },
    { title: "TO", of: (e) => named(e.target) },
    { title: "PROTOCOL", of: (e) => e.protocol },
    { title: "RATE", of: (e) => `${e.rate.toFixed(e.rate < 10 ? 2 : 1)}/s`, align: "right" },
    {
      title: "ERRORS",
      of: (e) => (e.protocol === "tcp" ? "-" : `${(e.errorShare * 100).toFixed(1)}%`),
      align: "right",
    },
    { title: "P50", of: (e) => millis(e.p50), align: "right" },
    { title: "P95", of: (e) => millis(e.p95), align: "right" },
    { title: "P99", of: (e) => millis(e.p99), align: "right" },
    { title: "MTLS", of: (e) => `${Math.round(e.mtlsShare * 100)}%`, align: "right" },
  ];
}

const wideColumns: readonly Column<GraphEdge>[] = [
  { title: "HOST", of: (e) => e.service || Object.keys(e.hosts ?? {}).join(", ") },
  { title: "REQUEST B/S", of: (e) => (e.bytesReceivedRate ?? 0).toFixed(0), align: "right" },
  { title: "RESPONSE B/S", of: (e) => (e.bytesSentRate ?? 0).toFixed(0), align: "right" },
  { title: "CODES", of: (e) => listed(e.codes) },
  { title: "FLAGS", of: (e) => listed(e.flags) },
];

function listed(rates: Readonly<Record<string, number>>): string {
  const entries = Object.entries(rates).map(([name, rate]) => `${name} ${rate.toFixed(2)}/s`);
  return entries.join(", ") || "-";
}

function millis(ms: number | undefined): string {
  return ms === undefined ? "-" : `${ms >= 100 ? Math.round(ms) : ms.toFixed(1)} ms`;
}
