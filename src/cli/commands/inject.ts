import { Option } from "commander";
import type { InjectContext } from "../../inject/context.ts";
import type { Told } from "../../inject/inject-text.ts";
import type { CommandModule } from "../command-module.ts";
import { CliError, exitCodes } from "../exit.ts";
import { readInputs } from "../inputs.ts";
import { listOption, revisionOption } from "../options.ts";
import type { Session } from "../session.ts";

interface Flags {
  readonly filename: readonly string[];
  readonly namespace?: string;
  readonly revision?: string;
  readonly meshConfig?: string;
  readonly injection?: string;
}

export const define: CommandModule["define"] = (command, session) => {
  command
    .usage("-f FILE... [options]")
    .description(
      `Adds the sidecar to Pods and to what makes Pods (Deployments, Jobs, CronJobs,
Lists...), and prints all objects. Comments and order stay. What the webhook
would do, before objects reach a cluster; it leaves what is injected alone.

Settings are those of the cluster's control plane. With --injection or
--mesh-config no cluster is asked.

Examples:
  weft inject -f web.yaml | kubectl apply -f -
  weft inject -f manifests/ --revision canary
  weft inject -f - --injection injection.yaml < web.yaml`,
    )
    .addOption(listOption("-f, --filename <file>", "a file, a folder, or - for standard input"))
    .addOption(new Option("-n, --namespace <name>", "of objects that do not say theirs"))
    .addOption(revisionOption())
    .addOption(new Option("--mesh-config <file>", "Istio's MeshConfig, in YAML"))
    .addOption(new Option("--injection <file>", "settings of injection, in YAML"))
    .action((flags: Flags) => inject(flags, session));
};

export const values: CommandModule["values"] = {
  filename: "file",
  namespace: "namespace",
  "mesh-config": "file",
  injection: "file",
};

async function inject(flags: Flags, session: Session): Promise<void> {
  if (flags.filename.length === 0)
    throw new CliError(exitCodes.usage, "weft inject: no file is named", "name files or folders: weft inject -f FILE");
  const [{ injectText, UnreadableText }, { fileContext, clusterContext }] = await Promise.all([
    import("../../inject/inject-text.ts"),
    import("../inject-context.ts"),
  ]);
  const { cwd, readStdin } = session.deps;
  const inputs = await readInputs(flags.filename, cwd, readStdin);
  const offline = flags.injection !== undefined || flags.meshConfig !== undefined;
  const made = offline ? await fileContext(flags, session) : await clusterContext(flags, session);
  for (const fault of made.faults) session.warn(fault);
  const context: InjectContext = made.context;
  const texts = inputs.map(({ file, text }) => {
    try {
      const injected = injectText(text, flags.namespace ?? made.namespace, context);
      for (const told of injected.told) tell(file, told, session);
      return injected.text;
    } catch (error) {
      if (error instanceof UnreadableText)
        throw new CliError(exitCodes.badData, `${file}: ${error.message.split("\n")[0]}`, "correct the YAML");
      throw error;
    }
  });
  if (session.exitCode === 0) session.out(texts.map((text, i) => (i === 0 ? text : separated(text))).join(""));
}

function separated(text: string): string {
  return text.startsWith("---") ? text : `---\n${text}`;
}

function tell(file: string, { name, outcome, words }: Told, session: Session): void {
  if (outcome === "refused") {
    session.say(`${session.errorColors.red("×")} ${file}: ${name}: ${words.join("; ")}`);
    session.exitCode = exitCodes.badData;
    return;
  }
  if (outcome === "left") session.say(`${file}: ${name} is left alone: ${words.join("; ")}`);
  else for (const word of words) session.warn(`${file}: ${name}: ${word}`);
}
