import type { Document, YAMLError } from "yaml";
import { isMap, isSeq } from "yaml";
import { codes } from "../../model/codes.ts";
import { type Place, placeAt, readTree } from "./tree.ts";

/** What is wrong with a text, at a place of its slice. */
export interface TextFault {
  readonly code: string;
  readonly place: Place;
  readonly message: string;
  readonly fix: string;
}

/** One object of a document: its value, where it begins, and the steps to it from the document's root (a List's items). */
export interface Item {
  readonly value: unknown;
  readonly place: Place;
  readonly prefix: readonly (string | number)[];
}

/** A document's objects (one, or those of a List), or why there are none. */
export type Reading = { readonly items: readonly Item[] } | { readonly fault: TextFault };

/** How deep objects and lists may nest. */
export const maxDepth = 200;
/** How many nodes an alias may stand for, over a document. */
const maxAliasCount = 100;

/** Reads one document. Never throws for bad text. */
export function readDocument(text: string): Reading {
  const control = controlCharacter(text);
  if (control) return { fault: control };
  try {
    const doc = readTree(text);
    const error = doc.errors[0];
    if (error) return { fault: syntaxFault(text, error) };
    const value: unknown = doc.toJS({ maxAliasCount });
    if (depthExceeds(value, maxDepth)) return { fault: tooDeep };
    return { items: itemsOf(text, doc, value) };
  } catch (error) {
    if (error instanceof RangeError) return { fault: tooDeep };
    if (error instanceof ReferenceError) return { fault: aliasFault(error.message) };
    throw error;
  }
}

const tooDeep: TextFault = {
  code: codes.limit,
  place: { line: 1, column: 1 },
  message: `nested more than ${maxDepth} levels deep`,
  fix: "flatten it",
};

function aliasFault(message: string): TextFault {
  const bomb = message.includes("Excessive alias count");
  return {
    code: bomb ? codes.limit : codes.syntax,
    place: { line: 1, column: 1 },
    message: bomb ? "aliases stand for too many nodes (an alias bomb)" : message.replace(/\.$/, ""),
    fix: bomb ? "write the values out instead of nesting aliases" : "define the anchor before its alias",
  };
}

function itemsOf(text: string, doc: Document.Parsed, value: unknown): Item[] {
  const root = doc.contents;
  const rootPlace = placeAt(text, root?.range?.[0] ?? 0);
  if (value === null) return [];
  if (!isList(value)) return [{ value, place: rootPlace, prefix: [] }];
  const seq = isMap(root) ? root.get("items", true) : undefined;
  return value.items.map((item, i) => {
    const node = isSeq(seq) ? (seq.items[i] as { range?: [number, number, number] | null } | undefined) : undefined;
    return { value: item, place: node?.range ? placeAt(text, node.range[0]) : rootPlace, prefix: ["items", i] };
  });
}

function isList(value: unknown): value is { items: unknown[] } {
  if (typeof value !== "object" || value === null) return false;
  const { kind, apiVersion, items } = value as Record<string, unknown>;
  return typeof kind === "string" && kind.endsWith("List") && typeof apiVersion === "string" && Array.isArray(items);
}

function controlCharacter(text: string): TextFault | undefined {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
  const at = text.search(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]/);
  if (at < 0) return undefined;
  const code = (text.codePointAt(at) ?? 0).toString(16).toUpperCase().padStart(4, "0");
  return {
    code: codes.syntax,
    place: placeAt(text, at),
    message: `control character U+${code}, which YAML does not allow`,
    fix: "remove it",
  };
}

function syntaxFault(text: string, error: YAMLError): TextFault {
  const place = placeAt(text, error.pos[0]);
  const lines = text.split("\n");
  const tab = lines.findIndex((line, i) => i < place.line + 1 && /^ *\t\s*[^\s#]/.test(line));
  if (tab >= 0) {
    return {
      code: codes.tab,
      place: { line: tab + 1, column: (lines[tab] ?? "").indexOf("\t") + 1 },
      message: "tab used for indentation; YAML needs spaces",
      fix: "replace the tab by spaces",
    };
  }
  const [message, fix] = words(error);
  return { code: codes.syntax, place, message, fix };
}

/** The parser's errors in words that say what to do. */
function words(error: YAMLError): [message: string, fix: string] {
  const message = error.message.split("\n")[0]?.replace(/[.:]$/, "") ?? "";
  switch (error.code) {
    case "DUPLICATE_KEY":
      return ["this key is written twice in one map", "remove one of the two"];
    case "BAD_INDENT":
      return [message, "indent the lines of one map or list alike"];
    case "MISSING_CHAR":
      return [message, "add the missing character, or put the text in quotes"];
    case "MULTILINE_IMPLICIT_KEY":
      return [message, 'write "key: value" on one line, or quote the text'];
    case "BLOCK_AS_IMPLICIT_KEY":
      return [message, 'put the text in quotes: it has a second ": "'];
    case "UNEXPECTED_TOKEN":
      return [message, "check the quotes, brackets and indentation before it"];
    case "TAG_RESOLVE_FAILED":
      return [message, "remove the tag"];
    case "BAD_ALIAS":
      return [message, "define the anchor, or quote the text if it is none"];
    case "MULTIPLE_DOCS":
      return ["a second document begins without ---", "write --- on a line of its own between documents"];
    default:
      return [message, "check the line and the one before it"];
  }
}

function depthExceeds(value: unknown, left: number): boolean {
  if (typeof value !== "object" || value === null) return false;
  if (left === 0) return true;
  return Object.values(value).some((v) => depthExceeds(v, left - 1));
}
