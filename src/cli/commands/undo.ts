import type { ApplyAnswer } from "../../api/contract/apply.ts";
import type { ConfigChange } from "../../api/contract/changes.ts";
import type { DeletedObject } from "../../api/contract/deleted.ts";
import { printOutcome } from "../change.ts";
import type { ApiClient } from "../client.ts";
import type { CommandModule } from "../command-module.ts";
import { parseDuration } from "../duration.ts";
import { CliError, exitCodes } from "../exit.ts";
import { parseKind } from "../kinds.ts";
import { namespaceOption } from "../options.ts";
import type { Session } from "../session.ts";

interface Flags {
  readonly namespace?: string;
  readonly wait?: string | true;
}

export const define: CommandModule["define"] = (command, session) => {
  command
    .usage("CHANGE [KIND/NAME] [options]")
    .description(
      `Takes a change back: everything that it touched is as it was before, unless one
of these objects was changed again since. With KIND/NAME that object alone.

Examples:
  weft changes
  weft undo c12
  weft undo c12 virtualservice/reviews -n shop`,
    )
    .argument("<change>", "its id, as weft changes has it")
    .argument("[object]", "KIND/NAME of one object of it")
    .addOption(namespaceOption())
    .option("--wait [duration]", "until every proxy has it (default: 30s)")
    .action((id: string, object: string | undefined, flags: Flags) => undo(id, object, flags, session));
};

export const places: CommandModule["places"] = ["nothing", "object"];

async function undo(id: string, object: string | undefined, flags: Flags, session: Session): Promise<void> {
  const client = await session.addressed(({ context }) => `a cluster keeps no changes: kubectl --context ${context}`);
  const only = object === undefined ? {} : await findIn(client, id, object, flags);
  const waitMs =
    flags.wait === undefined ? undefined : parseDuration("--wait", flags.wait === true ? "30s" : flags.wait);
  const { body } = await client.post<ApplyAnswer>(
    `changes/${encodeURIComponent(id)}/undo`,
    "",
    { ...only, ...(waitMs === undefined ? {} : { wait: `${waitMs}ms` }) },
    { also: [504], waitMs: waitMs ?? 0 },
  );
  printOutcome(body, session);
}

interface Touched {
  readonly type: string;
  readonly namespace: string;
  readonly name: string;
}

/** Which object of a change is meant. */
async function findIn(client: ApiClient, id: string, object: string, { namespace }: Flags): Promise<Touched> {
  const [changes, deleted] = await Promise.all([
    client.get<readonly ConfigChange[]>("changes"),
    client.get<readonly DeletedObject[]>("deleted"),
  ]);
  const touched: readonly Touched[] =
    changes.find((c) => c.id === id)?.objects ?? deleted.filter(({ change }) => change === id);
  const [word = "", name] = object.split("/", 2);
  if (name === undefined)
    throw new CliError(exitCodes.usage, `"${object}" is no KIND/NAME`, "as in virtualservice/reviews");
  const type = parseKind(word, [...new Set(touched.map((o) => o.type))]);
  const found = touched.filter(
    (o) => o.type === type && o.name === name && (namespace === undefined || o.namespace === namespace),
  );
  const [first] = found;
  if (first === undefined)
    throw new CliError(exitCodes.notFound, `change ${id} touched no ${object}`, "weft changes lists what each touched");
  if (found.length > 1)
    throw new CliError(exitCodes.usage, `change ${id} touched several ${object}`, "say which with -n");
  return { type: first.type, namespace: first.namespace, name };
}
