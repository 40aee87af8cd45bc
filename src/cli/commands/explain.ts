import { closest } from "../../std/closest.ts";
import type { CommandModule } from "../command-module.ts";
import { CliError, exitCodes } from "../exit.ts";
import { outputOption } from "../options.ts";
import { renderData, renderListing } from "../output/format.ts";
import type { Session } from "../session.ts";

interface Flags {
  readonly output: "table" | "json" | "yaml" | "name";
}

export const define: CommandModule["define"] = (command, session) => {
  command
    .usage("[CODE] [options]")
    .description(
      `Says what a finding's code means and how to mend what it is about. Needs no
control plane and no network.

Examples:
  weft explain IST0101
  weft explain KIA1106
  weft explain WEFT0012
  weft explain                    all codes`,
    )
    .argument("[code]", "IST0101, KIA1106, WEFT0012, ...")
    .addOption(outputOption(["table", "json", "yaml", "name"]))
    .action((code: string | undefined, flags: Flags) => explain(code, flags, session));
};

export const places: CommandModule["places"] = ["code", "nothing"];

async function explain(code: string | undefined, flags: Flags, session: Session): Promise<void> {
  const { explainedCodes } = await import("../../analysis/explanations.ts");
  const all = explainedCodes();
  if (code === undefined) {
    session.out(
      await renderListing(
        {
          kind: "CodeList",
          items: all,
          columns: [
            { title: "CODE", of: (c) => c.code },
            { title: "LEVEL", of: (c) => c.level },
            { title: "MEANS", of: (c) => c.title },
          ],
          name: (c) => c.code,
        },
        flags.output,
      ),
    );
    return;
  }
  const found = all.find((c) => c.code === code.toUpperCase());
  if (found === undefined) {
    const meant = closest(
      code.toUpperCase(),
      all.map((c) => c.code),
    );
    throw new CliError(
      exitCodes.notFound,
      `there is no code ${code}`,
      meant === undefined ? "weft explain lists them" : `did you mean ${meant}?`,
    );
  }
  if (flags.output === "json" || flags.output === "yaml") session.out(await renderData(found, flags.output));
  else if (flags.output === "name") session.out(`${found.code}\n`);
  else {
    const { bold } = session.colors;
    const fix = found.fix === undefined ? "" : `\n${bold("How to mend it")}\n  ${found.fix}\n`;
    const more = found.doc === undefined ? "" : `\n${bold("More")}\n  ${found.doc}\n`;
    const form = found.message === undefined ? "" : `\n${bold("As it is told")}\n  ${found.message}\n`;
    session.out(
      `${bold(found.code)} (${found.level.toLowerCase()}): ${found.title}\n\n${found.text}\n${form}${fix}${more}`,
    );
  }
}
