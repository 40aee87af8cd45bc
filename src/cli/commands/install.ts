import { Option } from "commander";
import { stringify } from "yaml";
import { install, type Outcome, OwnedElsewhere } from "../../install/install.ts";
import { type Installation, installationOf, readCharts } from "../../install/installation.ts";
import { type KubeObject, nameOf } from "../../install/object.ts";
import { precheck } from "../../install/precheck.ts";
import { LeftBehind } from "../../install/takeover.ts";
import { TemplateError } from "../../install/template/syntax.ts";
import type { CommandModule } from "../command-module.ts";
import { parseDuration } from "../duration.ts";
import { CliError, exitCodes } from "../exit.ts";
import { type Access, withCluster } from "../install/access.ts";
import { diffOf } from "../install/diff.ts";
import { pauseUntil } from "../install/pause.ts";
import { progressView } from "../install/progress-view.ts";
import { gatherValues, type ValueFlags, valueOptions } from "../install/values.ts";
import type { Session } from "../session.ts";

interface Flags extends ValueFlags {
  readonly namespace?: string;
  readonly dryRun?: "client" | "server" | true;
  readonly diff?: boolean;
  readonly wait?: string | true;
  readonly takeOwnership?: boolean;
}

export const define: CommandModule["define"] = (command, session) => {
  command
    .description(
      `Puts the control plane into a cluster, from the same templates as the Helm
charts, or brings it up to date. Nothing is asked; --diff shows it first.

Examples:
  weft install --profile demo --wait
  weft install --set controlPlane.replicas=3 --diff
  weft install --revision canary -f values.yaml
  weft install --dry-run=client > weft.yaml`,
    )
    .addOption(new Option("-n, --namespace <name>", "where to (default: istio-system)"))
    .addOption(new Option("--dry-run [how]", "change nothing; client prints the objects").choices(["client", "server"]))
    .option("--diff", "change nothing; show what would change")
    .option("--wait [duration]", "until all of it works (default: 5m)")
    .option("--take-ownership", "also change what Helm or others installed");
  for (const option of valueOptions()) command.addOption(option);
  command.addOption(new Option("-y, --skip-confirmation", "taken as istioctl's").hideHelp());
  command.action((flags: Flags) => run(flags, session));
};

export const places: CommandModule["places"] = [];
export const values: CommandModule["values"] = { values: "file", namespace: "namespace" };

async function run(flags: Flags, session: Session): Promise<void> {
  if (flags.dryRun === "client") {
    session.out(yamlOf(await rendered(flags, session)));
    return;
  }
  const installation = await rendered(flags, session);
  await withCluster(session, (access) => apply(access, installation, flags, session));
}

async function rendered(flags: Flags, session: Session): Promise<Installation> {
  const charts = readCharts(session.deps.chartsFolder);
  const namespace = flags.namespace ?? session.options.installNamespace;
  try {
    const values = await gatherValues(flags, charts.weft, session.deps);
    return installationOf(charts, { namespace, values, service: "weft" });
  } catch (error) {
    if (error instanceof TemplateError) throw new CliError(exitCodes.badData, error.message);
    throw error;
  }
}

async function apply(access: Access, installation: Installation, flags: Flags, session: Session): Promise<void> {
  const dryRun = flags.dryRun !== undefined || flags.diff === true;
  const { ask, kinds, context } = access;
  session.say(
    `${dryRun ? "Looking at" : "Installing"} revision ${installation.revision} ${dryRun ? "for" : "into"} ${context}`,
  );
  await look(access, installation, session);
  const view = progressView(session);
  const waitMs = parseDuration("--wait", typeof flags.wait === "string" ? flags.wait : "5m");
  const options = {
    dryRun,
    pause: pauseUntil(session, waitMs),
    waits: flags.wait !== undefined && !dryRun,
    takesOwnership: flags.takeOwnership ?? false,
  };
  try {
    const outcome = await install(ask, installation, kinds, options, (progress) => view.show(progress));
    view.end();
    if (flags.diff) session.out(diffOf(outcome.applied, outcome.removed));
    tell(outcome, installation, { ...options, dryRun }, session);
  } catch (error) {
    view.end();
    if (error instanceof LeftBehind) throw unlike(error);
    throw error instanceof OwnedElsewhere ? conflict(error) : error;
  }
}

function conflict({ message, helm }: OwnedElsewhere): CliError {
  const fix =
    helm === undefined
      ? "leave what revisions share to it (--set shared=false), or take it over with --take-ownership"
      : `use helm upgrade ${helm}; or take it over with --take-ownership, then delete Helm's record of it: kubectl delete secret -A -l owner=helm,name=${helm}`;
  return new CliError(exitCodes.conflict, message, fix);
}

function unlike({ message, release, namespace }: LeftBehind): CliError {
  const fix = `take it over with its own values: helm get values ${release} -n ${namespace} -o yaml > values.yaml, then add -f values.yaml`;
  return new CliError(exitCodes.conflict, message, fix);
}

async function look({ ask, kinds }: Access, installation: Installation, session: Session): Promise<void> {
  const findings = await precheck(ask, [...installation.crds, ...installation.objects], kinds);
  for (const { level, text, fix } of findings) {
    if (level === "ok") session.say(`${session.errorColors.green("√")} ${text}`);
    if (level === "warning") session.warn(fix === undefined ? text : `${text}; ${fix}`);
  }
  const errors = findings.filter(({ level }) => level === "error");
  const [first] = errors;
  if (first === undefined) return;
  for (const { text } of errors.slice(1)) session.say(`${session.errorColors.red("×")} ${text}`);
  throw new CliError(exitCodes.denied, first.text, first.fix);
}

interface Told {
  readonly dryRun: boolean;
  readonly waits: boolean;
}

function tell(outcome: Outcome, { revision }: Installation, { dryRun, waits }: Told, session: Session): void {
  const { left, removed, unready } = outcome;
  if (left.length > 0)
    session.say(
      `${left.length} definitions of kinds were installed by somebody else and stay as they are (--take-ownership changes them)`,
    );
  for (const object of removed) session.say(`${dryRun ? "would remove" : "removed"} ${nameOf(object)}`);
  const [first] = unready;
  if (first !== undefined) {
    const { trouble } = first;
    if (trouble?.lastWords !== undefined) session.say(trouble.lastWords.replace(/^/gm, "    "));
    throw new CliError(
      session.deps.interrupted.aborted ? exitCodes.interrupted : exitCodes.timeout,
      `${nameOf(first.object)} is not ready: ${trouble?.text ?? first.text}`,
      trouble?.fix ?? "what was applied stays; run the command again to go on",
    );
  }
  if (dryRun) return;
  session.say(waits ? "Weft is installed." : "Applied; weft install --wait says when it works.");
  session.say(`next: kubectl label namespace NAMESPACE istio.io/rev=${revision}, then restart its Pods`);
}

function yamlOf({ crds, objects }: Installation): string {
  const text = (object: KubeObject) => stringify(object, { lineWidth: 0, aliasDuplicateObjects: false });
  return [...crds, ...objects].map((object) => `---\n${text(object)}`).join("");
}
