import { type Document, isAlias, isMap, isPair, isScalar, isSeq, type Node, parseDocument, type Tags } from "yaml";
import type { FieldPath } from "../../model/origin.ts";

/** A place in one slice: line from 1 within the slice, column from 1. */
export interface Place {
  readonly line: number;
  readonly column: number;
}

/**
 * Reads YAML 1.1 as kubectl's parser (sigs.k8s.io/yaml, of go-yaml) does: `on`, `yes` and `0755` are what YAML 1.1 says, but dates and
 * `12:30` stay strings, and a duplicate key is an error. Never throws for bad text: see `errors` of the answer; may throw RangeError for text nested beyond the stack.
 */
export function readTree(text: string): Document.Parsed {
  return parseDocument(text, {
    version: "1.1",
    customTags: (tags) => tags.filter(readByKubectl),
    logLevel: "error",
    prettyErrors: false,
    stringKeys: false,
    uniqueKeys: true,
  });
}

const unread = new Set(["timestamp", "omap", "pairs", "set", "binary"].map((t) => `tag:yaml.org,2002:${t}`));

function readByKubectl(tag: Tags[number]): boolean {
  if (typeof tag !== "object")
    return !["timestamp", "omap", "pairs", "set", "binary", "intTime", "floatTime"].includes(tag);
  return !unread.has(tag.tag) && (tag as { format?: string }).format !== "TIME";
}

/** Where a field is in the slice: its key if it is a map's, its value in a list; its nearest existing parent where it is not there. */
export function locate(text: string, path: FieldPath): Place {
  try {
    const doc = readTree(text);
    return placeAt(text, offsetOf(doc, path));
  } catch (error) {
    if (error instanceof RangeError) return { line: 1, column: 1 };
    throw error;
  }
}

function offsetOf(doc: Document.Parsed, path: FieldPath): number {
  let node: Node | null | undefined = doc.contents;
  let offset = node?.range?.[0] ?? 0;
  for (const step of path) {
    if (isAlias(node)) node = node.resolve(doc);
    if (isMap(node)) {
      const pair = node.items.find((p) => isPair(p) && isScalar(p.key) && String(p.key.value) === String(step));
      if (pair === undefined) return offset;
      offset = (pair.key as Node).range?.[0] ?? offset;
      node = pair.value as Node | null;
    } else if (isSeq(node)) {
      const item: Node | undefined = node.items[Number(step)] as Node | undefined;
      if (item === undefined) return offset;
      offset = item.range?.[0] ?? offset;
      node = item;
    } else return offset;
  }
  return offset;
}

/** Line and column of an offset. */
export function placeAt(text: string, offset: number): Place {
  const before = text.slice(0, offset);
  const start = before.lastIndexOf("\n") + 1;
  return { line: before.split("\n").length, column: before.length - start + 1 };
}
