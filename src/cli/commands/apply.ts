import { type ChangeFlags, change, needFiles } from "../change.ts";
import type { CommandModule } from "../command-module.ts";
import { readInputs } from "../inputs.ts";
import { listOption, outputOption } from "../options.ts";
import { formats } from "../output/format.ts";

interface Flags extends ChangeFlags {
  readonly filename: readonly string[];
}

export const define: CommandModule["define"] = (command, session) => {
  command
    .usage("-f FILE... [options]")
    .description(
      `Puts objects into the running mesh, over what its folders say; the files in the
folders stay as they are. Each object is checked first; one with errors is
refused, the others are taken. Prints the command that takes it back.

Examples:
  weft apply -f reviews-v3.yaml
  weft apply -f exercises/ --dry-run
  weft get vs reviews -o yaml | sed s/v1/v2/ | weft apply -f -
  weft apply -f canary.yaml --wait       until every proxy has it`,
    )
    .addOption(listOption("-f, --filename <file>", "a file, a folder, or - for standard input"))
    .option("--dry-run", "check and say what would change, but change nothing")
    .option("--wait [duration]", "until every proxy has it (default: 30s)")
    .addOption(outputOption(formats))
    .argument("[files...]", "more files and folders")
    .action(async (files: string[], flags: Flags) => {
      const names = [...flags.filename, ...files];
      needFiles(names, "apply");
      await change("apply", await readInputs(names, session.deps.cwd, session.deps.readStdin), flags, session);
    });
};

export const places: CommandModule["places"] = ["file"];
export const values: CommandModule["values"] = { filename: "file" };
