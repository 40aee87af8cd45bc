import type { Trace, TraceList, TraceSummary } from "../../api/contract/traces.ts";
import type { Query } from "../client.ts";
import type { CommandModule } from "../command-module.ts";
import { parseDuration, parseNumber } from "../duration.ts";
import { CliError, exitCodes } from "../exit.ts";
import { namespaceOption, outputOption } from "../options.ts";
import type { Colors } from "../output/colors.ts";
import { type Format, formats, renderData, renderListing } from "../output/format.ts";
import type { Column } from "../output/table.ts";
import type { Session } from "../session.ts";
import { milliseconds, operation, waterfall } from "../traces/waterfall.ts";

interface Flags {
  readonly namespace?: string;
  readonly workload?: string;
  readonly service?: string;
  readonly edge?: string;
  readonly failed?: true;
  readonly min?: string;
  readonly max?: string;
  readonly tag?: string;
  readonly since: string;
  readonly limit: string;
  readonly output: Format;
}

export const define: CommandModule["define"] = (command, session) => {
  command
    .usage("[ID] [options]")
    .description(
      `Requests that were traced, the newest first; with an ID the steps of one. Unless
MeshConfig or a Telemetry says otherwise, the control plane keeps one in twenty.

Examples:
  weft traces
  weft traces --workload default/reviews-v2 --min 100ms
  weft traces --failed --since 1h
  weft traces 4bf92f3577b34da6a3ce929d0e0e4736`,
    )
    .argument("[id]", "of a trace, as the list has it")
    .addOption(namespaceOption())
    .option("--workload <name>", "only through it: NAMESPACE/NAME, or NAME with -n; several with commas")
    .option("--service <host>", "only with a request to it")
    .option("--edge <id>", "only from one workload to another, by the edge's id in the graph")
    .option("--failed", "only those in which something failed")
    .option("--min <duration>", "only those that took as long, there or at all")
    .option("--max <duration>", "only those that took no longer")
    .option("--tag <name=value>", "only those with a span that has this tag")
    .option("--since <duration>", "how far back", "15m")
    .option("--limit <n>", "how many, 500 at most", "20")
    .addOption(outputOption(formats))
    .action((id: string | undefined, flags: Flags) =>
      id === undefined ? list(flags, session) : show(id, flags.output, session),
    );
};

export const places: CommandModule["places"] = ["nothing"];
export const values: CommandModule["values"] = { workload: "nothing", service: "nothing" };

async function list(flags: Flags, session: Session): Promise<void> {
  const client = await session.client();
  const { traces, more, source } = await client.get<TraceList>("traces", queryOf(flags, session.deps.clock.now()));
  session.out(
    await renderListing(
      {
        kind: "TraceList",
        items: traces,
        columns: columnsOf(session.colors, traces),
        wide: [{ title: "THROUGH", of: (t) => t.parts.map((p) => `${p.namespace}/${p.workload}`).join(", ") }],
        name: (t) => t.id,
      },
      flags.output,
    ),
  );
  if (traces.length === 0) session.say(nothing(source.kind, flags.since));
  else if (more) session.say(`these are the newest ${traces.length}; --limit shows more`);
}

function nothing(kind: TraceList["source"]["kind"], since: string): string {
  const where = kind === "embedded" ? "" : ` in ${kind}`;
  return `no such trace${where} within ${since}; of all requests one in twenty is traced, unless somebody set it otherwise`;
}

async function show(id: string, output: Format, session: Session): Promise<void> {
  const trace = await (await session.client()).get<Trace>(`traces/${encodeURIComponent(id)}`);
  if (output === "json" || output === "yaml") {
    session.out(await renderData({ apiVersion: "cli.weft.dev/v1", kind: "Trace", ...trace }, output));
    return;
  }
  session.out(waterfall(trace.spans, session.colors));
}

/** Throws a usage error for what makes no sense. */
function queryOf(flags: Flags, now: number): Query {
  const { namespace, workload, service, edge, failed, min, max, tag, since, limit } = flags;
  return {
    from: now - parseDuration("--since", since),
    to: now,
    limit: parseNumber("--limit", limit, 1, 500),
    ...(workload === undefined ? { namespaces: namespace } : { workload: fullNames(workload, namespace) }),
    service,
    edge,
    failed: failed === true ? "true" : undefined,
    min: min === undefined ? undefined : parseDuration("--min", min),
    max: max === undefined ? undefined : parseDuration("--max", max),
    tag,
  };
}

function fullNames(text: string, namespace: string | undefined): string {
  const names = text
    .split(",")
    .map((name) => (name.includes("/") || namespace === undefined ? name : `${namespace}/${name}`));
  const bare = names.find((name) => !name.includes("/"));
  if (bare === undefined) return names.join(",");
  throw new CliError(
    exitCodes.usage,
    `--workload ${bare}: in which namespace?`,
    `write it like default/${bare}, or add -n`,
  );
}

function columnsOf(colors: Colors, traces: readonly TraceSummary[]): readonly Column<TraceSummary>[] {
  const there: readonly Column<TraceSummary>[] = traces.some((t) => t.at !== undefined)
    ? [{ title: "THERE", of: (t) => (t.at === undefined ? "-" : milliseconds(t.at.duration)), align: "right" }]
    : [];
  return [
    { title: "ID", of: (t) => t.id },
    { title: "BEGAN", of: (t) => new Date(t.start).toISOString().slice(11, 23) },
    { title: "TOOK", of: (t) => milliseconds(t.duration), align: "right" },
    ...there,
    { title: "SPANS", of: (t) => String(t.spans), align: "right" },
    {
      title: "FAILED",
      of: (t) => (t.failed > 0 ? String(t.failed) : "-"),
      paint: (text, t) => (t.failed > 0 ? colors.red(text) : text),
      align: "right",
    },
    { title: "REQUEST", of: (t) => `${t.root.workload} ${operation(t.root.name)}` },
  ];
}
