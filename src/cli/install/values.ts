import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { Option } from "commander";
import { parse } from "yaml";
import type { Values } from "../../install/chart.ts";
import { isObject, overlay, parseSet, SetError, setAt } from "../../install/values.ts";
import type { CliDeps } from "../deps.ts";
import { CliError, exitCodes } from "../exit.ts";

/** The options that say values. */
export interface ValueFlags {
  readonly set: readonly string[];
  readonly values: readonly string[];
  readonly profile: string;
  readonly revision?: string;
}

export const profiles = ["default", "demo", "minimal"] as const;

/** The same for all commands that render the charts. */
export function valueOptions(): readonly Option[] {
  const several = (text: string, before: readonly string[]) => [...before, text];
  return [
    new Option("--profile <name>", "values to begin with").choices(profiles).default("default"),
    new Option("-f, --values <file>", "values of yours; repeatable").argParser(several).default([], "none"),
    new Option("--set <a.b=c>", "one value, as Helm's; repeatable").argParser(several).default([], "none"),
    new Option("--revision <name>", "the control plane's name, as --set revision=NAME"),
  ];
}

/** Profile, files, --set and --revision, each over the one before. Throws a CliError that says where a value is wrong. */
export function gatherValues(flags: ValueFlags, deps: Pick<CliDeps, "cwd" | "chartsFolder">): Values {
  const profile = join(deps.chartsFolder, "weft", "profiles", `${flags.profile}.yaml`);
  const files = [readValues(profile), ...flags.values.map((file) => readValues(resolve(deps.cwd, file)))];
  const said = flags.set.flatMap((text) => pathsOf(text));
  const named = flags.revision === undefined ? [] : [{ path: ["revision"], value: flags.revision }];
  return [...said, ...named].reduce((values, { path, value }) => setAt(values, path, value), files.reduce(overlay, {}));
}

function readValues(file: string): Values {
  const value = parse(readFileSync(file, "utf8")) as unknown;
  if (value !== null && !isObject(value)) throw new CliError(exitCodes.badData, `${file}: values are an object`);
  return value ?? {};
}

function pathsOf(text: string) {
  try {
    return parseSet(text);
  } catch (error) {
    if (error instanceof SetError) throw new CliError(exitCodes.usage, `--set ${error.message}`);
    throw error;
  }
}
