import { Option } from "commander";
import type { Audit, AuditEntry } from "../../api/contract/session.ts";
import type { CommandModule } from "../command-module.ts";
import { parseDuration } from "../duration.ts";
import { outputOption } from "../options.ts";
import { type Format, formats, renderListing } from "../output/format.ts";
import type { Column } from "../output/table.ts";
import type { Session } from "../session.ts";

interface Flags {
  readonly who?: string;
  readonly outcome?: "done" | "not";
  readonly since?: string;
  readonly output: Format;
}

export const define: CommandModule["define"] = (command, session) => {
  command
    .usage("[options]")
    .description(
      `Who tried to change what, when, from where, and what came of it: the last 500 of
each control plane. The file audit.log beside its state has more.

Examples:
  weft audit
  weft audit --outcome not --since 1h
  weft audit --who ann@example.com -o json`,
    )
    .option("--who <name>", "only by somebody")
    .addOption(new Option("--outcome <which>", "only what was done, or was not").choices(["done", "not"]))
    .option("--since <duration>", "how far back")
    .addOption(outputOption(formats))
    .action((flags: Flags) => list(flags, session));
};

export const places: CommandModule["places"] = ["nothing"];
export const values: CommandModule["values"] = { who: "nothing", since: "nothing" };

async function list({ who, outcome, since, output }: Flags, session: Session): Promise<void> {
  const after = since === undefined ? 0 : session.deps.clock.now() - parseDuration("--since", since);
  const items = (await recordsOf(session))
    .filter((one) => one.at >= after && (who === undefined || one.who === who))
    .filter((one) => outcome === undefined || isDone(one) === (outcome === "done"))
    .toSorted((a, b) => b.at - a.at);
  const columns: readonly Column<AuditEntry>[] = [
    { title: "TIME", of: (one) => new Date(one.at).toISOString().replace(/\.\d+Z$/, "Z") },
    { title: "WHO", of: (one) => one.who || "nobody" },
    { title: "FROM", of: (one) => one.from },
    { title: "STATUS", of: (one) => String(one.status) },
    { title: "WHAT", of: whatOf },
  ];
  const wide: readonly Column<AuditEntry>[] = [
    { title: "KNOWN BY", of: (one) => one.how },
    { title: "REQUEST", of: (one) => `${one.method} ${one.path}` },
  ];
  session.out(await renderListing({ kind: "AuditList", items, columns, wide, name: (one) => String(one.at) }, output));
  if (items.length === 0) session.say("nobody tried to change anything like that");
}

/** Of all control planes of a cluster: each keeps what was asked of it. */
async function recordsOf(session: Session): Promise<readonly AuditEntry[]> {
  const where = await session.where();
  if (!("choice" in where)) return (await (await session.client()).get<Audit>("audit")).records;
  const { clusterApis } = await import("../kube/cluster-api.ts");
  const apis = await clusterApis(where, session.deps.interrupted, session.options.timeoutMs);
  const answers = await Promise.all(apis.map(({ client }) => client.get<Audit>("audit")));
  return answers.flatMap(({ records }) => records);
}

function isDone({ status }: AuditEntry): boolean {
  return status > 0 && status < 400;
}

function whatOf({ objects, path }: AuditEntry): string {
  return objects.length > 0 ? objects.join(", ") : (path.split("?")[0] ?? "").replace(/^\/api\/v1\//, "");
}
