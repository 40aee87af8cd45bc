import type { ConfigObject } from "../../api/contract/config.ts";
import { type ChangeFlags, change } from "../change.ts";
import type { CommandModule } from "../command-module.ts";
import { CliError, exitCodes } from "../exit.ts";
import { type Input, readInputs } from "../inputs.ts";
import { parseKind, pluralOf } from "../kinds.ts";
import { listOption, namespaceOption, outputOption } from "../options.ts";
import { formats } from "../output/format.ts";
import type { Session } from "../session.ts";

interface Flags extends ChangeFlags {
  readonly filename: readonly string[];
  readonly namespace?: string;
}

export const define: CommandModule["define"] = (command, session) => {
  command
    .usage("(-f FILE... | KIND NAME...) [options]")
    .description(
      `Takes objects out of the running mesh. What a folder says is hidden, not
deleted: the file stays as it is. Prints the command that takes it back.

Examples:
  weft delete -f reviews-v3.yaml
  weft delete vs reviews
  weft delete vs/reviews -n shop --dry-run`,
    )
    .argument("[kind]", "a kind, or KIND/NAME")
    .argument("[names...]", "names")
    .addOption(listOption("-f, --filename <file>", "a file, a folder, or - for standard input"))
    .addOption(namespaceOption())
    .option("--dry-run", "say what would change, but change nothing")
    .option("--wait [duration]", "until every proxy has it (default: 30s)")
    .addOption(outputOption(formats))
    .action(async (kind: string | undefined, names: string[], flags: Flags) => {
      await change("delete", await inputsOf(kind, names, flags, session), flags, session);
    });
};

export const places: CommandModule["places"] = ["kind", "object"];
export const values: CommandModule["values"] = { filename: "file" };

async function inputsOf(
  kind: string | undefined,
  names: readonly string[],
  flags: Flags,
  session: Session,
): Promise<Input[]> {
  if (flags.filename.length > 0) {
    if (kind !== undefined) throw new CliError(exitCodes.usage, `weft delete: both -f and ${kind}`, "use one of them");
    return readInputs(flags.filename, session.deps.cwd, session.deps.readStdin);
  }
  const [word, name] = kind?.includes("/") ? kind.split("/", 2) : [kind, undefined];
  const wanted = name === undefined ? names : [name, ...names];
  if (word === undefined || wanted.length === 0)
    throw new CliError(exitCodes.usage, "weft delete: nothing to delete", "write weft delete -f FILE, or KIND NAME");
  const all = await (await session.addressed(({ context }) => `kubectl --context ${context} delete`)).get<
    readonly ConfigObject[]
  >("config");
  const type = parseKind(word, [...new Set(all.map((o) => o.type))]);
  const objects = wanted.map((n) => findOne(all, type, n, flags.namespace));
  const text = objects.map((o) => JSON.stringify(identity(o))).join("\n---\n");
  return [{ file: "command line", text: `${text}\n`, found: false }];
}

function findOne(
  all: readonly ConfigObject[],
  type: string,
  name: string,
  namespace: string | undefined,
): ConfigObject {
  const found = all.filter(
    (o) => o.type === type && o.name === name && (namespace === undefined || o.namespace === namespace),
  );
  const [first] = found;
  if (first === undefined)
    throw new CliError(exitCodes.notFound, `no ${pluralOf(type)} "${name}"`, "weft get lists what there is");
  if (found.length > 1)
    throw new CliError(
      exitCodes.conflict,
      `${pluralOf(type)} "${name}" is in several namespaces: ${found.map((o) => o.namespace).join(", ")}`,
      "say which with -n",
    );
  return first;
}

function identity(object: ConfigObject) {
  const namespace = object.namespace === "" ? {} : { namespace: object.namespace };
  return { apiVersion: object.apiVersion, kind: object.kind, metadata: { name: object.name, ...namespace } };
}
