import { Argument, Option } from "commander";
import { stringify } from "yaml";
import { applyObject, find } from "../../install/apply.ts";
import { pathOf } from "../../install/kinds.ts";
import type { KubeObject } from "../../install/object.ts";
import { helmRelease, labelled, listOf, ourRelease } from "../../install/owned.ts";
import { namespacesOf, type Tag, tagObjects, tagsIn } from "../../install/tag.ts";
import type { CommandModule } from "../command-module.ts";
import { CliError, exitCodes } from "../exit.ts";
import { type Access, withCluster } from "../install/access.ts";
import { outputOption } from "../options.ts";
import { type Format, formats, renderListing } from "../output/format.ts";
import type { Session } from "../session.ts";

interface Flags {
  readonly revision?: string;
  readonly namespace?: string;
  readonly yes?: boolean;
  readonly output: Format;
}

const actions = ["set", "list", "remove", "generate"] as const;

export const define: CommandModule["define"] = (command, session) => {
  command
    .usage("set|list|remove|generate [TAG] [options]")
    .description(
      `Names for revisions: namespaces with istio.io/rev=TAG move to another revision
when the tag does. The tag "default" takes over istio-injection=enabled.

Examples:
  weft tag set prod --revision 1-2-0
  weft tag list
  weft tag remove prod`,
    )
    .addArgument(new Argument("<action>", "what to do").choices(actions))
    .argument("[tag]", "its name")
    .option("--revision <name>", "the revision that it stands for")
    .addOption(new Option("-n, --namespace <name>", "where Weft is (default: istio-system)"))
    .option("-y, --yes", "remove a tag though namespaces use it")
    .addOption(outputOption(formats))
    .action((action: (typeof actions)[number], tag: string | undefined, flags: Flags) =>
      withCluster(session, (access) => run(action, tag, access, flags, session)),
    );
};

export const places: CommandModule["places"] = [actions, "nothing"];
export const values: CommandModule["values"] = { namespace: "namespace" };

async function run(
  action: (typeof actions)[number],
  name: string | undefined,
  access: Access,
  flags: Flags,
  session: Session,
) {
  if (action === "list") return list(access, flags, session);
  if (name === undefined)
    throw new CliError(exitCodes.usage, `weft tag ${action}: which tag?`, `write weft tag ${action} NAME`);
  if (!/^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/.test(name) || name.length > 43)
    throw new CliError(exitCodes.usage, `"${name}" is no name: small letters, digits and dashes, 43 at most`);
  if (action === "remove") return remove(name, access, flags, session);
  const { revision } = flags;
  if (revision === undefined)
    throw new CliError(exitCodes.usage, `weft tag ${action} ${name}: for which revision?`, "add --revision REVISION");
  const objects = tagObjects(access.charts, name, revision, flags.namespace ?? session.options.installNamespace);
  if (action === "generate")
    session.out(objects.map((object) => `---\n${stringify(object, { lineWidth: 0 })}`).join(""));
  else await set(name, revision, objects, access, session);
}

async function set(name: string, revision: string, objects: readonly KubeObject[], access: Access, session: Session) {
  const { ask, kinds } = access;
  const controlPlanes = await labelled(ask, kinds, "app=weft,app.kubernetes.io/name=weft");
  const revisions = [...new Set(controlPlanes.map(({ metadata }) => metadata.labels?.["istio.io/rev"] ?? ""))].sort();
  if (!revisions.includes(revision))
    throw new CliError(
      exitCodes.notFound,
      `there is no revision ${revision}`,
      revisions.length === 0 ? "install it first: weft install" : `there is ${revisions.join(", ")}`,
    );
  if (revisions.includes(name) && name !== "default")
    throw new CliError(exitCodes.conflict, `${name} is a revision itself`, "choose another name");
  const webhook = objects.at(-1) as KubeObject;
  const live = await find(ask, pathOf(webhook, kinds));
  refuseReleases(name, live);
  for (const object of objects) await applyObject(ask, object, kinds);
  const namespaces = namespacesOf(name, await listOf(ask, kinds, "v1", "Namespace"));
  session.say(`tag ${name} is revision ${revision}`);
  if (namespaces.length > 0) session.say(`restart the Pods of ${namespaces.join(", ")} to move them`);
}

/** Tags that a release's values name are that release's. */
function refuseReleases(name: string, live: KubeObject | undefined): void {
  if (live === undefined) return;
  const helm = helmRelease(live);
  const ours = ourRelease(live);
  const release = helm ?? (ours === `weft-tag-${name}` ? undefined : ours);
  if (release !== undefined)
    throw new CliError(
      exitCodes.conflict,
      `tag ${name} belongs to the release ${release}`,
      "change its value revisionTags instead",
    );
}

async function remove(name: string, access: Access, flags: Flags, session: Session) {
  const { ask, kinds } = access;
  const tag = (await tags(access)).find((one) => one.name === name);
  if (tag === undefined)
    throw new CliError(exitCodes.notFound, `there is no tag ${name}`, "weft tag list shows what there is");
  const objects = await labelled(ask, kinds, `istio.io/tag=${name}`);
  for (const object of objects) refuseReleases(name, object);
  if (tag.namespaces.length > 0 && !flags.yes)
    throw new CliError(
      exitCodes.conflict,
      `namespaces use ${name}: ${tag.namespaces.join(", ")}`,
      "new Pods there get no sidecar any more; add -y to do it",
    );
  for (const object of objects) await ask(pathOf(object, kinds), { method: "DELETE" });
  session.say(`removed tag ${name}`);
}

async function tags({ ask, kinds }: Access): Promise<readonly Tag[]> {
  const [webhooks, namespaces] = await Promise.all([
    labelled(ask, kinds, "app=weft,istio.io/tag"),
    listOf(ask, kinds, "v1", "Namespace"),
  ]);
  return tagsIn(
    webhooks.filter(({ kind }) => kind === "MutatingWebhookConfiguration"),
    namespaces,
  );
}

async function list(access: Access, flags: Flags, session: Session): Promise<void> {
  const items = await tags(access);
  const columns = [
    { title: "TAG", of: ({ name }: Tag) => name },
    { title: "REVISION", of: ({ revision }: Tag) => revision },
    { title: "NAMESPACES", of: ({ namespaces }: Tag) => namespaces.join(",") },
  ];
  if (items.length === 0 && flags.output === "table") session.say("there are no tags");
  else session.out(await renderListing({ kind: "TagList", items, columns, name: ({ name }) => name }, flags.output));
}
