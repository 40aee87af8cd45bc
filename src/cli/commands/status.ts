import type { Mesh } from "../../api/contract/mesh.ts";
import type { Workload } from "../../api/contract/workloads.ts";
import type { CommandModule } from "../command-module.ts";
import { formatAge } from "../duration.ts";
import { allNamespacesOption, namespaceOption, outputOption } from "../options.ts";
import type { Colors } from "../output/colors.ts";
import { type Format, formats, renderData, renderListing } from "../output/format.ts";
import type { Column } from "../output/table.ts";
import type { Session } from "../session.ts";

interface Flags {
  readonly output: Format;
  readonly namespace?: string;
}

export const define: CommandModule["define"] = (command, session) => {
  command
    .usage("[options]")
    .description(
      `Shows the mesh in one sentence and its workloads in a table.

Examples:
  weft status
  weft status -n shop -o wide
  weft status -o json`,
    )
    .addOption(namespaceOption())
    .addOption(allNamespacesOption())
    .addOption(outputOption(formats))
    .action((flags: Flags) => status(flags, session));
};

async function status(flags: Flags, session: Session): Promise<void> {
  const client = await session.addressed(
    ({ context }) => `weft check --proxy --context ${context}, or weft proxy-status`,
  );
  const [mesh, all] = await Promise.all([client.get<Mesh>("mesh"), client.get<readonly Workload[]>("workloads")]);
  const items = flags.namespace === undefined ? all : all.filter((w) => w.namespace === flags.namespace);
  if (flags.output === "json" || flags.output === "yaml") {
    const data = { apiVersion: "cli.weft.dev/v1", kind: "MeshStatus", mesh, items, warnings: [] };
    session.out(await renderData(data, flags.output));
    return;
  }
  if (flags.output !== "name") session.out(`${summary(mesh, session)}\n`);
  session.out(
    await renderListing(
      {
        kind: "WorkloadList",
        items,
        columns: columns(session.colors),
        wide: wideColumns,
        name: (w) => `workload/${w.namespace}/${w.name}`,
      },
      flags.output,
    ),
  );
  if (items.length === 0) session.say("No workloads.");
}

function summary(mesh: Mesh, session: Session): string {
  const { errors, warnings } = mesh.diagnostics;
  const { colors, deps } = session;
  const lines = [
    [
      "Mesh",
      `${mesh.name} (weft ${mesh.version}, Envoy ${mesh.envoyVersion}), up ${formatAge(deps.clock.now() - mesh.startedAt)}`,
    ],
    ["Health", `${paintHealth(colors, mesh.health)}: ${mesh.sentence}`],
    ["Proxies", `${mesh.proxies.synced} of ${mesh.proxies.total} in sync`],
    [
      "Findings",
      `${count(errors, "error")}, ${count(warnings, "warning")}${errors + warnings > 0 ? " (weft analyze)" : ""}`,
    ],
    ...(mesh.doors.length > 0 ? [["Doors", mesh.doors.join(", ")]] : []),
  ] as [string, string][];
  return `${lines.map(([name, text]) => `${name.padEnd(10)}${text}`).join("\n")}\n`;
}

function count(n: number, what: string): string {
  return `${n} ${what}${n === 1 ? "" : "s"}`;
}

function columns(colors: Colors): readonly Column<Workload>[] {
  return [
    { title: "NAMESPACE", of: (w) => w.namespace },
    { title: "WORKLOAD", of: (w) => w.name },
    { title: "KIND", of: (w) => (w.kind === "none" ? "no proxy" : w.kind) },
    { title: "READY", of: (w) => `${w.replicas.ready}/${w.replicas.desired}` },
    { title: "HEALTH", of: (w) => w.health, paint: (text, w) => text.replace(w.health, paintHealth(colors, w.health)) },
    { title: "RPS", of: (w) => rate(w.inbound.rate), align: "right" },
    { title: "ERRORS", of: (w) => (w.inbound.rate > 0 ? percent(w.inbound.errorShare) : "-"), align: "right" },
    { title: "P95", of: (w) => (w.inbound.p95 === undefined ? "-" : `${millis(w.inbound.p95)} ms`), align: "right" },
  ];
}

const wideColumns: readonly Column<Workload>[] = [
  { title: "SERVICE ACCOUNT", of: (w) => w.serviceAccount },
  { title: "VERSION", of: (w) => w.version },
  { title: "PROXIES", of: (w) => w.proxies.map((p) => `${p.id}: ${p.sync}`).join(", ") || "-" },
  { title: "SAYS", of: (w) => w.sentence },
];

function paintHealth(colors: Colors, health: Mesh["health"]): string {
  if (health === "healthy") return colors.green(health);
  if (health === "degraded") return colors.yellow(health);
  return health === "failing" ? colors.red(health) : colors.dim(health);
}

function rate(perSecond: number): string {
  return perSecond >= 100 ? String(Math.round(perSecond)) : perSecond.toFixed(1);
}

function percent(share: number): string {
  return `${(share * 100).toFixed(share > 0 && share < 0.1 ? 2 : 1)}%`;
}

function millis(ms: number): string {
  return ms >= 100 ? String(Math.round(ms)) : ms.toFixed(1);
}
