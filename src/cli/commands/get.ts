import type { ConfigDetail, ConfigObject } from "../../api/contract/config.ts";
import type { ApiClient } from "../client.ts";
import type { CommandModule } from "../command-module.ts";
import { CliError, exitCodes } from "../exit.ts";
import { objectName, parseKind, pluralOf } from "../kinds.ts";
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
    .usage("[KIND [NAME...]] [options]")
    .description(
      `Lists the objects that the mesh reads, or shows some of them. One object with
-o yaml is printed as it was written, so that it can be edited and applied.

Examples:
  weft get                        every object
  weft get virtualservices        or vs, as kubectl has it
  weft get vs,dr -n shop
  weft get vs reviews -o yaml`,
    )
    .argument("[kind]", "a kind, its plural or short name; several with commas")
    .argument("[names...]", "names; or KIND/NAME as the first argument")
    .addOption(namespaceOption())
    .addOption(allNamespacesOption())
    .addOption(outputOption(formats))
    .action((kind: string | undefined, names: string[], flags: Flags) => get(kind, names, flags, session));
};

export const places: CommandModule["places"] = ["kind", "object"];

async function get(kind: string | undefined, names: string[], flags: Flags, session: Session): Promise<void> {
  const { client, all } = await objectsOf(session);
  const asked = selection(kind, names, all);
  const inNamespace = all.filter((o) => flags.namespace === undefined || o.namespace === flags.namespace);
  const found = inNamespace.filter(
    (o) =>
      (asked.types === undefined || asked.types.includes(o.type)) &&
      (asked.names.length === 0 || asked.names.includes(o.name)),
  );
  const missing = asked.names.filter((name) => !found.some((o) => o.name === name));
  if (missing.length > 0) {
    const what = asked.types?.map((t) => pluralOf(t)).join(",") ?? "objects";
    const where = flags.namespace === undefined ? "" : ` in namespace ${flags.namespace}`;
    throw new CliError(
      exitCodes.notFound,
      `no ${what} "${missing.join('", "')}"${where}`,
      "weft get lists what there is",
    );
  }
  if (flags.output === "yaml" || flags.output === "json")
    await printObjects(client, found, asked, flags.output, session);
  else session.out(await renderListing(listing(found, session.colors), flags.output));
  if (found.length === 0) session.say(`No ${asked.types?.map((t) => pluralOf(t)).join(", ") ?? "objects"}.`);
}

/** What the control plane reads; on a cluster each replica tells of its own proxies, which are counted together. */
async function objectsOf(session: Session): Promise<{ client: ApiClient; all: readonly ConfigObject[] }> {
  const where = await session.where();
  if (!("choice" in where)) {
    const client = await session.client();
    return { client, all: await client.get<readonly ConfigObject[]>("config") };
  }
  const { clusterApis } = await import("../kube/cluster-api.ts");
  const apis = await clusterApis(where, session.deps.interrupted, session.options.timeoutMs);
  const [first = [], ...others] = await Promise.all(
    apis.map(({ client }) => client.get<readonly ConfigObject[]>("config")),
  );
  const counted = others.flat();
  const all = first.map((object) => {
    const same = counted.filter((other) => objectPath(other) === objectPath(object));
    const sum = (of: "acked" | "total") => same.reduce((n, other) => n + other.proxies[of], object.proxies[of]);
    return { ...object, proxies: { ...object.proxies, acked: sum("acked"), total: sum("total") } };
  });
  return { client: apis[0].client, all };
}

interface Asked {
  readonly types?: readonly string[];
  readonly names: readonly string[];
}

function selection(kind: string | undefined, names: readonly string[], all: readonly ConfigObject[]): Asked {
  if (kind === undefined || (kind === "all" && names.length === 0)) return { names: [] };
  const present = [...new Set(all.map((o) => o.type))];
  const slash = kind.indexOf("/");
  if (slash > 0) {
    if (names.length > 0)
      throw new CliError(exitCodes.usage, `${kind} ${names[0]}: a name too many`, "write KIND/NAME, or KIND NAME");
    return { types: [parseKind(kind.slice(0, slash), present)], names: [kind.slice(slash + 1)] };
  }
  return { types: kind.split(",").map((word) => parseKind(word, present)), names };
}

/** One object as it was written; several in the envelope of a list. */
async function printObjects(
  client: ApiClient,
  found: readonly ConfigObject[],
  asked: Asked,
  format: "json" | "yaml",
  session: Session,
): Promise<void> {
  const details: ConfigDetail[] = [];
  for (const object of found) details.push(await client.get<ConfigDetail>(`config/${objectPath(object)}`));
  const [only] = details;
  if (only !== undefined && details.length === 1 && asked.names.length === 1 && format === "yaml") {
    session.out(only.yaml.endsWith("\n") ? only.yaml : `${only.yaml}\n`);
    return;
  }
  const { parse } = await import("yaml");
  const items = details.map((d) => parse(d.yaml, { version: "1.1" }) as unknown);
  if (items.length === 1 && asked.names.length === 1) {
    session.out(await renderData(items[0], format));
    return;
  }
  session.out(await renderListing({ kind: "ObjectList", items, columns: [], name: () => "" }, format));
}

/** `VirtualService.networking.istio.io/default/reviews`, as the API has it. */
export function objectPath(object: Pick<ConfigObject, "type" | "namespace" | "name">): string {
  const namespace = object.namespace === "" ? "-" : object.namespace;
  return [object.type, namespace, object.name].map(encodeURIComponent).join("/");
}

function listing(items: readonly ConfigObject[], colors: Colors) {
  const columns: readonly Column<ConfigObject>[] = [
    { title: "NAMESPACE", of: (o) => o.namespace || "-" },
    { title: "KIND", of: (o) => o.kind },
    { title: "NAME", of: (o) => o.name },
    { title: "STATUS", of: status, paint: (text, o) => paint(colors, text, o) },
    { title: "PROXIES", of: (o) => (o.proxies.total === 0 ? "-" : `${o.proxies.acked}/${o.proxies.total}`) },
    { title: "WRITTEN AT", of: (o) => o.at },
  ];
  const wide: readonly Column<ConfigObject>[] = [
    { title: "API VERSION", of: (o) => o.apiVersion },
    { title: "FINDINGS", of: (o) => o.diagnostics.map((d) => `${d.code} ${d.message}`).join("; ") || "-" },
  ];
  return { kind: "ObjectList", items, columns, wide, name: objectName };
}

function status(object: ConfigObject): string {
  const errors = object.diagnostics.filter((d) => d.level === "Error").length;
  const warnings = object.diagnostics.filter((d) => d.level === "Warning").length;
  if (errors > 0) return `× ${errors} error${errors === 1 ? "" : "s"}`;
  return warnings > 0 ? `‼ ${warnings} warning${warnings === 1 ? "" : "s"}` : "√";
}

function paint(colors: Colors, text: string, object: ConfigObject): string {
  const said = status(object);
  if (said.startsWith("×")) return colors.red(text);
  return said === "√" ? colors.green(text) : colors.yellow(text);
}
