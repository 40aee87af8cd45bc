import { type Command, Option } from "commander";
import { configTypes } from "../../api/cli-contract.ts";
import type { ConfigDumpResource, ConfigType, ProxyConfigDump } from "../../api/contract/proxy-config.ts";
import type { CommandModule } from "../command-module.ts";
import { namespaceOption, outputOption } from "../options.ts";
import { renderData, renderListing } from "../output/format.ts";
import { type DumpFlags, openDumps } from "../proxy-config/dumps.ts";
import { camelCase, object } from "../proxy-config/fields.ts";
import { defineLog } from "../proxy-config/log.ts";
import { defineRootCa } from "../proxy-config/rootca.ts";
import { columnsOf, type Row, rowsOf } from "../proxy-config/rows.ts";
import type { Session } from "../session.ts";

interface Flags extends DumpFlags {
  readonly output: "table" | "wide" | "short" | "json" | "yaml" | "name";
  readonly fqdn?: string;
  readonly port?: string;
  readonly direction?: string;
  readonly subset?: string;
  readonly name?: string;
  readonly address?: string;
  readonly type?: string;
  readonly cluster?: string;
  readonly status?: string;
}

const about: Readonly<Record<ConfigType, string>> = {
  cluster: "where it can send: clusters",
  listener: "where it listens, and what it does there",
  route: "how HTTP requests are routed",
  endpoint: "addresses behind its clusters",
  secret: "its certificates (private keys are never shown)",
  bootstrap: "what its Envoy was started with",
  ecds: "extensions of its filters that come by themselves",
  scope: "which route table a host and port mean",
};

const aliases: Readonly<Record<ConfigType, readonly string[]>> = {
  cluster: ["clusters", "c"],
  listener: ["listeners", "l"],
  route: ["routes", "r"],
  endpoint: ["endpoints", "ep"],
  secret: ["secrets", "s"],
  bootstrap: ["b"],
  ecds: [],
  scope: ["scopes"],
};

/** The filters of each type: flag and what it says. */
const filters: Readonly<Record<ConfigType, readonly (readonly [string, string])[]>> = {
  cluster: [
    ["--fqdn <host>", "only services whose name holds this"],
    ["--port <port>", "only this port"],
    ["--direction <way>", "inbound or outbound"],
    ["--subset <name>", "only this subset"],
  ],
  listener: [
    ["--address <ip>", "only on this address"],
    ["--port <port>", "only on this port"],
    ["--type <type>", "HTTP or TCP"],
  ],
  route: [["--name <name>", "only this route configuration"]],
  endpoint: [
    ["--address <ip>", "only this address"],
    ["--port <port>", "only this port"],
    ["--cluster <name>", "only of this cluster"],
    ["--status <status>", "only with this health, e.g. healthy"],
  ],
  secret: [],
  ecds: [],
  bootstrap: [],
  scope: [["--fqdn <host>", "only hosts that hold this"]],
};

export const define: CommandModule["define"] = (command, session) => {
  command.usage("TYPE POD|WORKLOAD [options]").description(
    `Shows what a proxy was sent, and the file and line that each part was made of.
--source envoy asks the proxy's own Envoy what it has; on a cluster that is what is
shown, and --source sent asks the control plane. Private keys are never shown.

Examples:
  weft proxy-config cluster reviews-v1
  weft pc route productpage-v1.default --name "9080|*"
  weft pc endpoint productpage-v1 --port 9080
  weft pc cluster productpage-v1 --fqdn reviews -o json
  weft pc all deploy/reviews-v1 -n shop -o json
  weft pc log reviews-v1-5b8c.shop --level http:debug,rbac:debug
  weft pc cluster --file dump.json`,
  );
  for (const type of configTypes) {
    const sub = command
      .command(type)
      .aliases([...aliases[type]])
      .summary(about[type])
      .usage("POD|WORKLOAD [options]")
      .description(
        `${about[type][0]?.toUpperCase()}${about[type].slice(1)}.\n\nExamples:\n  weft proxy-config ${type} reviews-v1\n  weft pc ${type} reviews-v1.default -o json`,
      )
      .argument("[pod]", "a pod or a workload, with or without .NAMESPACE")
      .addOption(namespaceOption())
      .addOption(new Option("--source <what>", "what was sent, or what Envoy has").choices(["sent", "envoy"]))
      .addOption(new Option("-f, --file <file>", "a dump of Envoy's, in the place of a pod"))
      .addOption(
        outputOption(["table", "wide", "short", "json", "yaml", "name"], type === "bootstrap" ? "json" : "table"),
      )
      .action((pod: string | undefined, flags: Flags) => proxyConfig(type, pod, flags, session));
    for (const [flag, says] of filters[type]) sub.addOption(new Option(flag, says));
  }
  defineAll(command, session);
  defineLog(command, session);
  defineRootCa(command, session);
};

function defineAll(command: Command, session: Session): void {
  command
    .command("all")
    .aliases(["a"])
    .summary("all of these")
    .usage("POD|WORKLOAD [options]")
    .description("All that its Envoy has, table after table; with -o json its whole dump.")
    .argument("[pod]", "a pod or a workload, with or without .NAMESPACE")
    .addOption(namespaceOption())
    .addOption(new Option("--source <what>", "what was sent, or what Envoy has").choices(["sent", "envoy"]))
    .addOption(new Option("-f, --file <file>", "a dump of Envoy's, in the place of a pod"))
    .addOption(outputOption(["table", "short", "json", "yaml"]))
    .action((pod: string | undefined, flags: Flags) => proxyConfigAll(pod, flags, session));
}

export const places: CommandModule["places"] = ["proxy", "nothing"];
export const values: CommandModule["values"] = {
  file: "file",
  direction: ["inbound", "outbound"],
  type: ["HTTP", "TCP"],
};

async function proxyConfig(type: ConfigType, pod: string | undefined, flags: Flags, session: Session): Promise<void> {
  const { dump } = await openDumps(pod, flags, session);
  await print(type, await dump(type), flags, session);
}

/** All types that come over xDS, in istioctl's order. */
const everything = ["cluster", "listener", "route", "endpoint", "secret", "ecds"] as const;

async function proxyConfigAll(pod: string | undefined, flags: Flags, session: Session): Promise<void> {
  const { dump } = await openDumps(pod, flags, session);
  if (flags.output === "json" || flags.output === "yaml") {
    const parts = await Promise.all(
      (["bootstrap", ...everything] as const).map(async (type) => [type, (await dump(type)).resources] as const),
    );
    const all = { apiVersion: "cli.weft.dev/v1", kind: "ProxyConfig", ...Object.fromEntries(parts) };
    return session.out(await renderData(all, flags.output));
  }
  for (const [i, type] of everything.entries()) {
    if (i > 0) session.out("\n");
    await print(type, await dump(type), flags, session);
  }
}

async function print(type: ConfigType, dump: ProxyConfigDump, flags: Flags, session: Session): Promise<void> {
  if (type === "bootstrap") {
    session.out(await renderData(dump.resources[0]?.resource ?? {}, flags.output === "yaml" ? "yaml" : "json"));
    return;
  }
  const rows = dump.resources.flatMap((r) => rowsOf(type, r, object(camelCase(r.resource)), session.deps.clock.now()));
  const kept = rows.filter((row) => isWanted(row, flags));
  if (flags.output === "json" || flags.output === "yaml") {
    // What makes no row (an empty table of routes) is shown unless a filter asks for something.
    const filtered = kept.length < rows.length;
    const resources = filtered ? [...new Set(kept.map((row) => row.resource))] : dump.resources;
    session.out(await renderListing(listing(type, resources), flags.output));
    return;
  }
  if (flags.output === "name") {
    session.out([...new Set(kept.map((row) => `${row.name}\n`))].join(""));
    return;
  }
  session.out(
    await renderListing({ kind: "", items: kept, columns: columnsOf(type, kept), name: (r) => r.name }, "table"),
  );
  if (kept.length === 0)
    session.say(rows.length === 0 ? `${dump.proxy} has no ${type}s.` : "Nothing matches the filters.");
  for (const r of dump.resources.filter((r) => r.error !== undefined))
    session.say(`${session.errorColors.red("error:")} Envoy refused ${r.name} (${r.origins.join(", ")}): ${r.error}`);
}

function listing(type: ConfigType, items: readonly ConfigDumpResource[]) {
  return {
    kind: `${type[0]?.toUpperCase()}${type.slice(1)}List`,
    items,
    columns: [],
    name: (r: ConfigDumpResource) => r.name,
  };
}

function isWanted(row: Row, flags: Flags): boolean {
  const is = (said: string | undefined, value: string) =>
    said === undefined || said.toLowerCase() === value.toLowerCase();
  return (
    (flags.fqdn === undefined || row.fqdn.includes(flags.fqdn)) &&
    is(flags.port, row.port) &&
    is(flags.direction, row.direction) &&
    is(flags.subset, row.subset) &&
    is(flags.name, row.cells[0] ?? row.name) &&
    is(flags.address, row.address) &&
    (flags.type === undefined || row.kind.toLowerCase().includes(flags.type.toLowerCase())) &&
    is(flags.cluster, row.cells[3] ?? "") &&
    is(flags.status, row.cells[1] ?? "")
  );
}
