import { Option } from "commander";
import { find } from "../../install/apply.ts";
import { type KubeObject, nameOf } from "../../install/object.ts";
import { helmRelease } from "../../install/owned.ts";
import { type Present, present } from "../../install/present.ts";
import { render } from "../../install/render.ts";
import { areGone, injected, type Removal, removal, remove } from "../../install/uninstall.ts";
import type { CommandModule } from "../command-module.ts";
import { CliError, exitCodes } from "../exit.ts";
import { type Access, withCluster } from "../install/access.ts";
import { bundleName, writeBundle } from "../install/bundle-file.ts";
import { pauseUntil } from "../install/pause.ts";
import type { Session } from "../session.ts";

interface Flags {
  readonly namespace?: string;
  readonly revision?: string;
  readonly purge?: boolean;
  readonly bundle?: string;
  readonly withCa?: boolean;
  readonly dryRun?: boolean;
  readonly yes?: boolean;
}

export const define: CommandModule["define"] = (command, session) => {
  command
    .description(
      `Takes Weft out of a cluster. First everything is written into a bundle, from
which weft restore puts it back. Definitions of kinds, your objects and the
certificate authority stay, unless --purge takes them, too.

Examples:
  weft uninstall --dry-run
  weft uninstall --revision canary -y
  weft uninstall --purge --with-ca --bundle before.yaml -y`,
    )
    .addOption(new Option("-n, --namespace <name>", "where Weft is (default: istio-system)"))
    .option("--revision <name>", "this revision alone")
    .addOption(new Option("--purge", "all revisions, definitions, all objects of theirs, the CA").conflicts("revision"))
    .option("--bundle <file>", "where the bundle goes (default: weft-bundle-TIME.yaml)")
    .option("--with-ca", "the bundle holds the CA's private key, too")
    .option("--dry-run", "say what would go and what would stay")
    .option("-y, --yes", "do it")
    .action((flags: Flags) => withCluster(session, (access) => uninstall(access, flags, session)));
};

export const places: CommandModule["places"] = [];
export const values: CommandModule["values"] = { bundle: "file", namespace: "namespace" };

async function uninstall(access: Access, flags: Flags, session: Session): Promise<void> {
  const { ask, kinds, charts, context } = access;
  const namespace = flags.namespace ?? session.options.installNamespace;
  const definitions = render(charts.crds, charts.crds.values, { name: "", namespace, service: "" });
  const all = await present(ask, kinds, definitions, namespace);
  const revision = flags.purge ? undefined : revisionOf(all, flags.revision);
  const plan = removal(all, revision, flags.purge ?? false);
  if (plan.goes.length === 0) throw new CliError(exitCodes.notFound, `nothing of Weft is in ${context}`);
  refuseHelm(plan.goes);
  if (flags.dryRun || !flags.yes) {
    tellPlan(plan, session);
    if (flags.dryRun) return;
    throw new CliError(exitCodes.usage, "nothing was taken away", "add -y to do it");
  }
  const file = flags.bundle ?? bundleName(session.deps.clock.now());
  const home = await find(ask, `/api/v1/namespaces/${encodeURIComponent(namespace)}`);
  const kept = bundled(all, flags.withCa ?? false);
  writeBundle(file, [...(home ? [{ ...home, apiVersion: "v1", kind: "Namespace" }] : []), ...kept], context, session);
  session.say(`wrote ${file}: ${kept.length} objects`);
  const sidecars = await injected(ask, revision);
  await remove(ask, kinds, plan.goes, (name) => session.say(`removed ${name}`));
  const pause = pauseUntil(session, 60_000);
  while (
    !(await areGone(
      ask,
      kinds,
      plan.goes.filter(({ kind }) => kind === "CustomResourceDefinition"),
    ))
  )
    if (!(await pause()))
      throw new CliError(exitCodes.timeout, "definitions are still being deleted: an object of theirs has a finalizer");
  tellRest(plan, sidecars, session);
  if (plan.goes.some(isCa) && !flags.withCa)
    session.warn(
      "the bundle has no CA: after weft restore every workload gets a new certificate of a new one (--with-ca keeps it)",
    );
  session.say(`undo: weft restore ${file}`);
}

/** The one that is there, or the one that was named. Throws a CliError. */
function revisionOf({ revisions }: Present, named: string | undefined): string | undefined {
  const names = [...revisions.keys()].sort();
  if (named === undefined && names.length > 1)
    throw new CliError(
      exitCodes.usage,
      `there are several revisions: ${names.join(", ")}`,
      "say which with --revision, or take all with --purge",
    );
  if (named !== undefined && !names.includes(named))
    throw new CliError(
      exitCodes.notFound,
      `there is no revision ${named}`,
      names.length === 0 ? undefined : `there is ${names.join(", ")}`,
    );
  return named ?? names[0];
}

function refuseHelm(goes: readonly KubeObject[]): void {
  const object = goes.find((one) => helmRelease(one) !== undefined);
  if (object === undefined) return;
  const release = helmRelease(object);
  throw new CliError(
    exitCodes.conflict,
    `${nameOf(object)} belongs to Helm's release ${release}`,
    `helm uninstall ${release} -n ${object.metadata.namespace ?? "istio-system"}`,
  );
}

/** Everything but the private key, which goes along only when asked for. */
function bundled(all: Present, withCa: boolean): readonly KubeObject[] {
  const own = [...[...all.revisions.values()].flat(), ...all.shared, ...all.definitions, ...all.custom];
  return [...own, ...all.made.filter((object) => object.kind !== "Lease" && (withCa || !isCa(object)))];
}

function isCa({ kind, metadata }: KubeObject): boolean {
  return kind === "Secret" && metadata.name === "weft-ca";
}

function tellPlan({ goes, stays }: Removal, session: Session): void {
  for (const object of goes) session.say(`would remove ${nameOf(object)}`);
  session.say(`would stay: ${summary(stays)}`);
}

function tellRest({ stays }: Removal, sidecars: ReadonlyMap<string, number>, session: Session): void {
  session.say(`stays: ${summary(stays)}`);
  for (const [namespace, count] of [...sidecars].sort())
    session.say(
      `still injected: ${count} Pods in ${namespace}; they keep their last configuration until they are restarted`,
    );
}

/** `28 CustomResourceDefinition, 3 VirtualService`. */
function summary(objects: readonly KubeObject[]): string {
  const counts = new Map<string, number>();
  for (const { kind } of objects) counts.set(kind, (counts.get(kind) ?? 0) + 1);
  const parts = [...counts].sort().map(([kind, count]) => `${count} ${kind}`);
  return parts.length === 0 ? "nothing" : parts.join(", ");
}
