import { type Diagnostic, formatDiagnostic } from "../../model/diagnostic.ts";
import { at, formatPath } from "../../model/origin.ts";
import { formatRef } from "../../model/resource.ts";
import type { Reported } from "../analyze/reported.ts";
import type { CommandModule } from "../command-module.ts";
import { CliError, exitCodes } from "../exit.ts";
import { readInputs } from "../inputs.ts";
import { listOption, outputOption } from "../options.ts";
import { renderListing } from "../output/format.ts";
import type { Session } from "../session.ts";

interface Flags {
  readonly filename: readonly string[];
  readonly output: "table" | "json" | "yaml" | "name";
}

export const define: CommandModule["define"] = (command, session) => {
  command
    .usage("-f FILE... [options]")
    .description(
      `Checks objects one by one: syntax, Istio's schemas with their rules, names,
regular expressions. Needs no control plane. What is wrong between objects is for
weft analyze. Ends with 65 where something is wrong.

Examples:
  weft validate -f reviews.yaml
  weft validate -f mesh/ -f -
  weft validate -f mesh/ -o json`,
    )
    .argument("[files...]", "more files and folders")
    .addOption(listOption("-f, --filename <file>", "a file, a folder, or - for standard input"))
    .addOption(outputOption(["table", "json", "yaml", "name"]))
    .action((files: string[], flags: Flags) => validate([...flags.filename, ...files], flags, session));
};

export const places: CommandModule["places"] = ["file"];
export const values: CommandModule["values"] = { filename: "file" };

async function validate(names: readonly string[], flags: Flags, session: Session): Promise<void> {
  if (names.length === 0)
    throw new CliError(
      exitCodes.usage,
      "weft validate: nothing to check",
      "name files or folders: weft validate -f FILE",
    );
  const { cwd, readStdin, loadValidate } = session.deps;
  const [{ readText }, judge, inputs] = await Promise.all([
    import("../../sources/text/text.ts"),
    loadValidate(),
    readInputs(names, cwd, readStdin),
  ]);
  const readings = inputs.flatMap((i) => readText(i.file, i.text, judge, undefined, i.found));
  const found = readings.flatMap((r) => r.diagnostics);
  const objects = readings.reduce((sum, r) => sum + r.resources.length + r.refused.length, 0);
  const errors = found.filter((d) => d.level === "Error").length;
  if (flags.output === "table") {
    const { withSource } = await import("../analyze/print.ts");
    for (const d of found) session.out(`${withSource(reported(d), inputs, session.colors)}\n`);
  } else {
    session.out(
      await renderListing(
        { kind: "DiagnosticList", items: found.map(plain), columns: [], name: (d) => d.origin },
        flags.output,
      ),
    );
  }
  const warnings = found.length - errors;
  const counts = `${count(objects, "object")} in ${count(inputs.length, "file")}`;
  const { green, red } = session.errorColors;
  if (errors > 0) {
    session.say(
      `${red("×")} ${count(errors, "error")}${warnings > 0 ? `, ${count(warnings, "warning")}` : ""} (${counts}).`,
    );
    session.exitCode = exitCodes.badData;
  } else {
    session.say(`${green("√")} Valid${warnings > 0 ? `, with ${count(warnings, "warning")}` : ""} (${counts}).`);
  }
}

function reported(d: Diagnostic): Reported {
  const { origin, at: place, field } = plain(d);
  return {
    code: d.code,
    level: d.level,
    origin,
    message: d.message,
    analyzer: "",
    silenced: [],
    istio: { origin, message: formatDiagnostic(d) },
    ...(place === undefined ? {} : { at: place }),
    ...(field === undefined ? {} : { field }),
    ...(d.fix === undefined ? {} : { fix: d.fix }),
  };
}

function plain(d: Diagnostic) {
  return {
    code: d.code,
    level: d.level,
    origin: d.about === undefined ? (d.position?.file ?? "") : formatRef(d.about),
    ...(d.position === undefined ? {} : { at: at(d.position) }),
    ...(d.path === undefined || d.path.length === 0 ? {} : { field: formatPath(d.path) }),
    message: d.message,
    ...(d.fix === undefined ? {} : { fix: d.fix }),
  };
}

function count(n: number, what: string): string {
  return `${n} ${what}${n === 1 ? "" : "s"}`;
}
