import { codes } from "../../model/codes.ts";
import type { FieldPath } from "../../model/origin.ts";
import { type Place, placeAt } from "./place.ts";
import { ExpansionError, maxDepth, offsetOf, readTree, SecondDocument, type Tree, TreeError } from "./yaml.ts";

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
  readonly prefix: FieldPath;
}

/** A document's objects (one, or those of a List), or why there are none. */
export type Reading = { readonly items: readonly Item[] } | { readonly fault: TextFault };

/** Reads one document. Never throws for bad text. */
export function readDocument(text: string): Reading {
  const control = controlCharacter(text);
  if (control) return { fault: control };
  try {
    return { items: itemsOf(readTree(text)) };
  } catch (error) {
    return { fault: faultOf(text, error) };
  }
}

function itemsOf(tree: Tree): Item[] {
  const { value } = tree;
  if (value === undefined || value === null) return [];
  const place = (path: FieldPath): Place => placeAt(tree.text, offsetOf(tree, path));
  if (!isList(value)) return [{ value, place: place([]), prefix: [] }];
  return value.items.map((item, i) => ({ value: item, place: place(["items", i]), prefix: ["items", i] }));
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
  const message = `control character U+${code}, which YAML does not allow`;
  return { code: codes.syntax, place: placeAt(text, at), message, fix: "remove it" };
}

const start: Place = { line: 1, column: 1 };

function faultOf(text: string, error: unknown): TextFault {
  if (error instanceof ExpansionError) {
    const message = "aliases stand for too many nodes (an alias bomb)";
    return { code: codes.limit, place: start, message, fix: "write the values out instead of nesting aliases" };
  }
  if (error instanceof SecondDocument) {
    const message = "a second document begins without ---";
    return {
      code: codes.syntax,
      place: placeAt(text, error.offset),
      message,
      fix: "write --- on a line of its own before it",
    };
  }
  if (!(error instanceof TreeError)) throw error;
  const place = within(text, placeAt(error.text, error.offset));
  const reason = error.message;
  if (reason.startsWith("nesting exceeded")) {
    return { code: codes.limit, place, message: `nested more than ${maxDepth} levels deep`, fix: "flatten it" };
  }
  if (reason.startsWith("aliases exceeded") || reason.startsWith("merge keys exceeded")) {
    return { code: codes.limit, place, message: reason, fix: "write the values out instead of aliases" };
  }
  return tabFault(text, place) ?? { code: codes.syntax, place, ...words(reason) };
}

/** A place in a text whose lines may have been indented, back in the text as written. */
function within(text: string, { line, column }: Place): Place {
  const length = text.split("\n")[line - 1]?.length ?? 0;
  return { line, column: Math.min(column, length + 1) };
}

/** The parser stumbles at or right after the tab that is to blame. */
function tabFault(text: string, place: Place): TextFault | undefined {
  const lines = text.split("\n").slice(0, place.line + 1);
  const tab = lines.findIndex((line) => /^ *\t\s*[^\s#]/.test(line));
  if (tab < 0) return undefined;
  const column = (lines[tab] ?? "").indexOf("\t") + 1;
  const message = "tab used for indentation; YAML needs spaces";
  return { code: codes.tab, place: { line: tab + 1, column }, message, fix: "replace the tab by spaces" };
}

/** The parser's reasons (by their beginning) in our words. */
const reasons: readonly (readonly [begins: string, message: string, fix: string])[] = [
  ["duplicated mapping key", "this key is written twice in one map", "remove one of the two"],
  [
    "bad indentation",
    "this line is not indented like the others of its map or list",
    "indent them alike, or quote the text that holds a ': '",
  ],
  [
    "can not read a block mapping entry",
    "this is not a key with a value",
    'write "key: value", with a space after the colon',
  ],
  [
    "can not read an implicit mapping pair",
    "this is not a key with a value",
    'write "key: value", with a space after the colon',
  ],
  [
    "end of the stream or a document separator",
    "this does not belong to the document before it",
    "check the indentation, quotes and brackets before it",
  ],
  ["unexpected end of the stream within a flow", "a bracket is not closed", "close it with } or ]"],
  ["unexpected end of the stream within a", "a quote is not closed", "close the quote"],
  ["unexpected end of the document within a", "a quote is not closed", "close the quote"],
  [
    "deficient indentation",
    "this line is indented less than what is open above it",
    "close the quote or bracket above, or indent the line",
  ],
  ["cannot merge mappings", "<< takes a map or an alias of one", "write <<: *anchor"],
  ["object-based map", "a key must be text", "write a plain key"],
  ["missed comma", "a comma is missing between two entries", "write a comma"],
  ["unidentified alias", "there is no anchor of this name before it", "define the anchor with &, or quote the text"],
  ["unknown tag", "this tag is not known here", "remove the tag"],
  ["unknown scalar tag", "this tag is not known here", "remove the tag"],
];

function words(reason: string): { message: string; fix: string } {
  const known = reasons.find(([begins]) => reason.startsWith(begins));
  return known
    ? { message: known[1], fix: known[2] }
    : { message: reason, fix: "check this line and the one before it" };
}
