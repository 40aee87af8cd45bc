import { foresight } from "../analysis/foresight.ts";
import { judge } from "../analysis/judge.ts";
import { withDefaults } from "../analysis/validate/schema/defaults.ts";
import type { DraftAnswer, DraftObject } from "../api/contract/edit.ts";
import type { ConfigFacts } from "../api/contract/facts.ts";
import type { Editing } from "../api/editing.ts";
import { finding } from "../api/findings.ts";
import type { Discovery } from "../discovery/discovery.ts";
import { crdOf, crdTypes, schemaOf } from "../gen/crds.ts";
import { kindOf, type Resource } from "../model/resource.ts";
import { get, type Snapshot } from "../model/snapshot.ts";
import { parseText } from "../sources/text/text.ts";
import type { Clock } from "../std/clock.ts";
import { factsOf } from "./editing-facts.ts";
import { referencesOf } from "./editing-references.ts";
import { isUnchanged } from "./overlay-actions.ts";

/** What is kept for the next draft is let go of after this long without one, in milliseconds. */
const idleMs = 5 * 60_000;
/** The file that a draft's places are in. */
const draftFile = "draft";

export interface EditingOptions {
  readonly discovery: Discovery;
  readonly clock: Clock;
  /** Milliseconds from some moment on. */
  readonly elapsed: () => number;
  readonly writes: ConfigFacts["writes"];
}

/** What an editor asks of a running mesh. */
export function editingOf({ discovery, clock, elapsed, writes }: EditingOptions): Editing {
  const ahead = foresight({ elapsed });
  let cancel = () => {};
  return {
    draft: (text) => {
      cancel();
      cancel = clock.after(idleMs, () => ahead.forget());
      return draftAnswer(text, discovery.tracker.snapshot, ahead);
    },
    facts: (namespaces) => factsOf(discovery, writes, namespaces),
    references: (ref) => referencesOf(discovery, ref),
    schemas: () =>
      [...crdTypes()].sort().map((type) => {
        const { scope, versions } = crdOf(type) as NonNullable<ReturnType<typeof crdOf>>;
        const group = type.slice(kindOf(type).length + 1);
        const apiVersions = Object.keys(versions).map((version) => (group === "" ? version : `${group}/${version}`));
        return { type, kind: kindOf(type), apiVersions, namespaced: scope === "Namespaced" };
      }),
    schema: (type, version) => {
      const newest = Object.keys(crdOf(type)?.versions ?? {})[0];
      return newest === undefined ? undefined : schemaOf(type, version ?? newest);
    },
  };
}

function draftAnswer(text: string, now: Snapshot, ahead: ReturnType<typeof foresight>): DraftAnswer {
  const { resources, refused, diagnostics } = parseText(draftFile, text, judge);
  const changes = resources.map((resource) => ({ put: aged(withDefaults(resource), get(now, resource)) }));
  const { own, brought, mended, whole } = ahead.look(now, changes);
  const objects = [
    ...resources.map((resource) => draftObject(resource, outcomeOf(get(now, resource), resource))),
    ...refused.map((resource) => draftObject(resource, "refused")),
  ];
  return {
    objects: objects.sort((a, b) => a.line - b.line),
    findings: [...diagnostics, ...own]
      .map((d) => ({ ...finding(d, now), line: d.position?.line ?? 1, column: d.position?.column ?? 1 }))
      .sort((a, b) => a.line - b.line || a.column - b.column),
    brought: brought.map((d) => finding(d, now)),
    mended: mended.map((d) => finding(d, now)),
    whole,
  };
}

/** An object keeps its age; a new one is the youngest. */
function aged(resource: Resource, before: Resource | undefined): Resource {
  return { ...resource, createdAt: before?.createdAt ?? (resource.createdAt || Number.MAX_SAFE_INTEGER) };
}

function outcomeOf(before: Resource | undefined, after: Resource): DraftObject["outcome"] {
  if (before === undefined) return "created";
  return isUnchanged(before, withDefaults(after)) ? "unchanged" : "configured";
}

function draftObject(resource: Resource, outcome: DraftObject["outcome"]): DraftObject {
  const { type, apiVersion, namespace, name, origin } = resource;
  return { type, kind: kindOf(type), apiVersion, namespace, name, line: origin.line, outcome };
}
