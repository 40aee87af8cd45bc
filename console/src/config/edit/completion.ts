import {
  type Completion,
  type CompletionContext,
  type CompletionResult,
  snippetCompletion,
  startCompletion,
} from "@codemirror/autocomplete";
import type { EditorView } from "@codemirror/view";
import type { FieldSchema, SchemaKind } from "../../../../src/api/contract/edit.ts";
import { kindAt } from "./kind-at.ts";
import { optionsAt, type SchemaOption } from "./schema-options.ts";
import { placeIn, type YamlPlace } from "./yaml-path.ts";

/** Where completion learns what there is. */
export interface Knowledge {
  readonly kinds: () => Promise<readonly SchemaKind[]>;
  readonly schema: (apiVersion: string, kind: string) => Promise<FieldSchema | undefined>;
  /** Names that the mesh knows for a field: hosts, gateways, namespaces, versions. */
  readonly names: (path: readonly string[]) => Promise<readonly string[]>;
}

/** Offers what may stand at the cursor: fields and values of the kind's schema, kinds, and names that the mesh knows. */
export function completion(knowledge: Knowledge) {
  return async (context: CompletionContext): Promise<CompletionResult | null> => {
    const text = context.state.doc.toString();
    const place = placeIn(text, context.pos);
    if (!place || (!context.explicit && place.typed === "" && place.of === "key")) return null;
    const { apiVersion, kind } = kindAt(text, context.pos);
    const options = [
      ...(place.path.length <= 1 ? await ofKinds(knowledge, place, apiVersion) : []),
      ...(apiVersion && kind ? await ofSchema(knowledge, apiVersion, kind, place) : []),
      ...(await knowledge.names(place.path)).map((label) => ({ label, type: "constant" })),
    ];
    if (options.length === 0) return null;
    return { from: context.pos - place.typed.length, options, validFor: /^[\w./*-]*$/ };
  };
}

async function ofSchema(knowledge: Knowledge, apiVersion: string, kind: string, place: YamlPlace) {
  const schema = await knowledge.schema(apiVersion, kind);
  return schema ? optionsAt(schema, place).map(asCompletion) : [];
}

function asCompletion({ label, detail, insert, required }: SchemaOption): Completion {
  const more = { label, detail: required ? `${detail}, needed` : detail, boost: required ? 10 : 0 };
  return {
    ...more,
    type: insert === label ? "constant" : "property",
    apply: (view: EditorView, _completion, from: number, to: number) => {
      view.dispatch({ changes: { from, to, insert }, selection: { anchor: from + insert.length } });
      if (insert !== label) startCompletion(view);
    },
  };
}

async function ofKinds(knowledge: Knowledge, place: YamlPlace, apiVersion: string | undefined): Promise<Completion[]> {
  const kinds = await knowledge.kinds();
  const [field] = place.path;
  if (place.of === "value" && field === "kind")
    return kinds
      .filter((k) => apiVersion === undefined || k.apiVersions.includes(apiVersion))
      .map((k) => ({ label: k.kind, detail: k.apiVersions[0] ?? "", type: "class" }));
  if (place.of === "value" && field === "apiVersion")
    return [...new Set(kinds.flatMap((k) => k.apiVersions))].map((label) => ({ label, type: "constant" }));
  if (place.path.length > 0 || place.of === "value" || place.beside.includes("kind")) return [];
  return kinds.map((k) => snippetCompletion(skeletonOf(k), { label: k.kind, detail: "new object", type: "class" }));
}

/** With the places to fill in as CodeMirror writes them: `${name}`. */
function skeletonOf({ kind, apiVersions, namespaced }: SchemaKind): string {
  const field = (name: string) => `\${${name}}`;
  const where = namespaced ? `\n  namespace: ${field("default")}` : "";
  return `apiVersion: ${apiVersions[0]}\nkind: ${kind}\nmetadata:\n  name: ${field("name")}${where}\nspec:\n  ${field("")}`;
}
