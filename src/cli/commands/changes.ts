import type { ConfigChange } from "../../api/contract/changes.ts";
import type { DeletedObject } from "../../api/contract/deleted.ts";
import type { CommandModule } from "../command-module.ts";
import { objectName } from "../kinds.ts";
import { outputOption } from "../options.ts";
import { type Format, formats, renderListing } from "../output/format.ts";
import type { Column } from "../output/table.ts";
import type { Session } from "../session.ts";

interface Flags {
  readonly deleted?: true;
  readonly output: Format;
}

export const define: CommandModule["define"] = (command, session) => {
  command
    .usage("[--deleted] [options]")
    .description(
      `What was applied to and deleted from a mesh of this machine, the latest first, by
weft or in the console. weft undo takes one back, after a restart, too.

Examples:
  weft changes
  weft changes --deleted
  weft undo c12`,
    )
    .option("--deleted", "only what was deleted within a day and is still gone")
    .addOption(outputOption(formats))
    .action((flags: Flags) => (flags.deleted ? listDeleted(flags.output, session) : list(flags.output, session)));
};

async function list(output: Format, session: Session): Promise<void> {
  const client = await session.addressed(({ context }) => `a cluster keeps no changes: kubectl --context ${context}`);
  const items = await client.get<readonly ConfigChange[]>("changes");
  const columns: readonly Column<ConfigChange>[] = [
    { title: "ID", of: (c) => c.id },
    { title: "TIME", of: (c) => timeOf(c.at) },
    { title: "WHO", of: (c) => c.who },
    { title: "WHAT", of: (c) => c.objects.map((o) => `${placeOf(o)} ${o.outcome}`).join(", ") },
    { title: "", of: (c) => (c.takenBack ? "taken back" : "") },
  ];
  session.out(await renderListing({ kind: "ConfigChangeList", items, columns, name: (c) => c.id }, output));
  if (items.length === 0) session.say("nothing was changed here yet");
}

async function listDeleted(output: Format, session: Session): Promise<void> {
  const client = await session.addressed(({ context }) => `a cluster keeps no changes: kubectl --context ${context}`);
  const items = await client.get<readonly DeletedObject[]>("deleted");
  const columns: readonly Column<DeletedObject>[] = [
    { title: "OBJECT", of: (o) => placeOf(o) },
    { title: "DELETED", of: (o) => timeOf(o.at) },
    { title: "BY", of: (o) => o.who },
    {
      title: "BACK WITH",
      of: (o) => `weft undo ${o.change} ${objectName(o)}${o.namespace === "" ? "" : ` -n ${o.namespace}`}`,
    },
  ];
  session.out(await renderListing({ kind: "DeletedObjectList", items, columns, name: (o) => o.name }, output));
  if (items.length === 0) session.say("nothing was deleted within a day that is still gone");
}

function placeOf(o: { readonly type: string; readonly namespace: string; readonly name: string }): string {
  return `${objectName(o)}${o.namespace === "" ? "" : ` in ${o.namespace}`}`;
}

function timeOf(at: number): string {
  return new Date(at).toISOString().replace(/\.\d+Z$/, "Z");
}
