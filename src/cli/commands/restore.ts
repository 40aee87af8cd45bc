import { kindsOf } from "../../install/kinds.ts";
import { restore, restoredCount, restoredTrouble } from "../../install/restore.ts";
import type { CommandModule } from "../command-module.ts";
import { CliError, exitCodes } from "../exit.ts";
import { withCluster } from "../install/access.ts";
import { readBundle } from "../install/bundle-file.ts";
import { pauseUntil } from "../install/pause.ts";
import type { Session } from "../session.ts";

interface Flags {
  readonly dryRun?: boolean;
  readonly force?: boolean;
}

export const define: CommandModule["define"] = (command, session) => {
  command
    .description(
      `Puts back what weft uninstall wrote into a bundle. What is there already
stays as it is; the command can be run again.

Examples:
  weft restore weft-bundle-20261121T214200Z.yaml
  weft restore before.yaml --dry-run`,
    )
    .argument("<bundle>", "the file")
    .option("--dry-run", "say what would come back, but change nothing")
    .option("--force", "overwrite objects that say something else by now")
    .action((file: string, flags: Flags) => run(file, flags, session));
};

export const places: CommandModule["places"] = ["file"];

async function run(file: string, flags: Flags, session: Session): Promise<void> {
  const bundle = readBundle(file, session.deps.cwd);
  const definitions = bundle.filter(({ kind }) => kind === "CustomResourceDefinition");
  await withCluster(session, async ({ ask, kinds }) => {
    const known = new Map([...kinds, ...kindsOf(definitions)]);
    const unknown = bundle.find(({ apiVersion, kind }) => !known.has(`${apiVersion} ${kind}`));
    if (unknown !== undefined)
      throw new CliError(exitCodes.badData, `${file}: ${unknown.apiVersion} ${unknown.kind} is no kind of a bundle`);
    const options = { dryRun: flags.dryRun ?? false, force: flags.force ?? false, pause: pauseUntil(session, 60_000) };
    const done = await restore(ask, bundle, known, options);
    for (const one of done) {
      const trouble = restoredTrouble(one);
      if (trouble !== undefined) session.warn(trouble);
    }
    session.say(`${options.dryRun ? "would be " : ""}${restoredCount(done)}`);
    if (done.some(({ result }) => result === "failed"))
      throw new CliError(
        exitCodes.unexpected,
        "not everything came back",
        "mend what is told above and run the command again",
      );
    if (done.some(({ result }) => result === "differs"))
      throw new CliError(exitCodes.conflict, "some objects say something else by now", "--force overwrites them");
  });
}
