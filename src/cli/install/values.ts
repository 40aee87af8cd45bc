import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { Option } from "commander";
import { parseDocument } from "yaml";
import type { Chart, Values } from "../../install/chart.ts";
import { judgeValues, type ValueFault, type ValuesSchema } from "../../install/schema.ts";
import { isObject, overlay, parseSet, SetError, setAt } from "../../install/values.ts";
import { formatPath } from "../../model/origin.ts";
import { locate } from "../../sources/text/place.ts";
import type { CliDeps } from "../deps.ts";
import { CliError, exitCodes } from "../exit.ts";
import { judgeMesh } from "./mesh-config.ts";

/** The options that say values. */
export interface ValueFlags {
  readonly set: readonly string[];
  readonly values: readonly string[];
  readonly profile: string;
  readonly revision?: string;
}

const profiles = ["default", "demo", "minimal"];

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

/** Values from one place, and how a path in them is called to the user. */
interface Layer {
  readonly values: Values;
  readonly at: (path: ValueFault["path"]) => string;
}

/**
 * Profile, files, --set and --revision, each over the one before, judged by the chart's schema; the MeshConfig by Istio's. Throws a CliError that says
 * where a value is wrong.
 */
export async function gatherValues(
  flags: ValueFlags,
  chart: Chart,
  { cwd, chartsFolder, readStdin }: Pick<CliDeps, "cwd" | "chartsFolder" | "readStdin">,
): Promise<Values> {
  const profile = join(chartsFolder, "weft", "profiles", `${flags.profile}.yaml`);
  const texts = [{ file: profile, text: readFileSync(profile, "utf8") }];
  for (const file of flags.values)
    texts.push({ file, text: file === "-" ? await readStdin() : textOf(file, resolve(cwd, file)) });
  const layers = [...texts.map(layerOfText), layerOfFlags(flags)];
  const faults: string[] = [];
  for (const { values, at } of layers) {
    const own = judgeValues((chart.schema ?? {}) as ValuesSchema, values);
    faults.push(...own.map(({ path, what }) => `${at(path)} ${what}`));
    if (own.length === 0) faults.push(...(await judgeMesh(values["meshConfig"], at)));
  }
  const values = layers.map((layer) => layer.values).reduce(overlay, {});
  faults.push(...idle(values));
  if (faults.length === 0) return values;
  throw new CliError(exitCodes.badData, faults.join("\n       "), "docs/install.md lists the values");
}

function textOf(file: string, path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    throw new CliError(exitCodes.noInput, `${file}: cannot be read (${(error as NodeJS.ErrnoException).code})`);
  }
}

function layerOfText({ file, text }: { readonly file: string; readonly text: string }): Layer {
  const document = parseDocument(text);
  const [error] = document.errors;
  const start = error?.linePos?.[0];
  if (error !== undefined)
    throw new CliError(
      exitCodes.badData,
      `${file}:${start?.line ?? 1}:${start?.col ?? 1} ${error.message.split("\n")[0]}`,
    );
  const values = (document.toJS({ maxAliasCount: 100 }) ?? {}) as unknown;
  if (!isObject(values)) throw new CliError(exitCodes.badData, `${file}:1:1 values are an object`);
  return {
    values,
    at: (path) => {
      const { line, column } = locate(text, path);
      return `${file}:${line}:${column} ${formatPath(path)}:`;
    },
  };
}

function layerOfFlags({ set, revision }: ValueFlags): Layer {
  const said = set.flatMap((text) => partsOf(text));
  const parts = revision === undefined ? said : [...said, { path: ["revision"], value: revision }];
  return {
    values: parts.reduce((values, { path, value }) => setAt(values, path, value), {}),
    at: (path) => (path[0] === "revision" && revision !== undefined ? "--revision" : `--set ${formatPath(path)}:`),
  };
}

function partsOf(text: string) {
  try {
    return parseSet(text);
  } catch (error) {
    if (error instanceof SetError) throw new CliError(exitCodes.usage, `--set ${error.message}`);
    throw error;
  }
}

/** Gateways belong to the release that has what all revisions share: told, rather than left out without a word. */
function idle(values: Values): readonly string[] {
  const { gateways, revision = "default", shared = "auto" } = values;
  const said = Array.isArray(gateways) && gateways.length > 0;
  if (!said || revision === "default" || shared !== "auto") return [];
  return [
    "gateways: revisions share them, and the revision default makes them; add --set shared=true to make them here",
  ];
}
