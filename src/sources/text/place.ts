import type { FieldPath } from "../../model/origin.ts";
import { ExpansionError, offsetOf, readTree, TreeError } from "./yaml.ts";

/** A place in one slice: line from 1 within the slice, column from 1. */
export interface Place {
  readonly line: number;
  readonly column: number;
}

/** Where a field is in a document's text; its nearest existing parent where it is not there. Reads the text again. */
export function locate(text: string, path: FieldPath): Place {
  try {
    const tree = readTree(text);
    return placeAt(tree.text, offsetOf(tree, path));
  } catch (error) {
    if (error instanceof TreeError || error instanceof ExpansionError) return { line: 1, column: 1 };
    throw error;
  }
}

/** Line and column of an offset. */
export function placeAt(text: string, offset: number): Place {
  let line = 1;
  let start = 0;
  for (let end = text.indexOf("\n"); end >= 0 && end < offset; end = text.indexOf("\n", start)) {
    line++;
    start = end + 1;
  }
  return { line, column: offset - start + 1 };
}
