import { Document, isCollection, parseDocument } from "yaml";
import type { Edit, Existing } from "./form.ts";

const style = { version: "1.1", lineWidth: 0, aliasDuplicateObjects: false } as const;

/** The YAML of some edits: a document each, an existing object's comments and other fields as they were. */
export function yamlOf(edits: readonly Edit[], existing: readonly Existing[]): string {
  return edits.map((edit) => documentOf(edit, existing)).join("---\n");
}

function documentOf(edit: Edit, existing: readonly Existing[]): string {
  const before = existing.find((e) => isOf(e, edit));
  const document = before ? parseDocument(before.yaml, { version: "1.1" }) : fresh(edit);
  for (const [path, value] of edit.set) {
    if (value === undefined) document.deleteIn(path);
    else put(document, path, value);
  }
  return document.toString(style);
}

/** What is missing on the way is made here: of its own the library makes an ordered map, which YAML 1.1 has a tag for. */
function put(document: Document, path: readonly (string | number)[], value: unknown): void {
  const missing = path.findIndex((_, i) => !document.hasIn(path.slice(0, i + 1)));
  const at = missing < 0 ? path : path.slice(0, missing + 1);
  const wrapped = path.slice(at.length).reduceRight<unknown>((inner, step) => ({ [step]: inner }), value);
  document.setIn(at, blocks(document.createNode(wrapped, { aliasDuplicateObjects: false })));
}

/** Written a field a line, whatever the place that it comes to looks like. */
function blocks<T>(node: T): T {
  if (isCollection(node)) node.flow = false;
  return node;
}

function fresh({ apiVersion, kind, namespace, name }: Edit): Document {
  const metadata = { name, ...(namespace === "" ? {} : { namespace }) };
  return new Document({ apiVersion, kind, metadata }, { version: "1.1" });
}

function isOf(existing: Existing, { apiVersion, kind, namespace, name }: Edit): boolean {
  const [group] = apiVersion.split("/");
  return existing.type === `${kind}.${group}` && existing.namespace === namespace && existing.name === name;
}
