import { type Judgement, ledgerOf, type Row } from "../../src/gen/ledger.ts";
import { type Field, fieldsOf } from "./fields.ts";

/** A field with what the ledger says of it. */
export interface Judged extends Field {
  /** Absent: nobody has judged it. */
  readonly judgement?: Judgement;
  /** The row that says so: its own, or of a field above it. */
  readonly row?: Row;
}

/** Every field of a type with its judgement: that of its row, else of the nearest field above. */
export function judgedFields(type: string): readonly Judged[] {
  const rows = new Map(ledgerOf(type).map((row) => [row.path, row]));
  return fieldsOf(type).map((field) => {
    const row = above(field.path)
      .map((path) => rows.get(path))
      .find((found) => found?.judgement !== undefined);
    return row?.judgement === undefined ? field : { ...field, row, judgement: row.judgement };
  });
}

/** Rows that no schema knows: a field that is gone or misspelt. Labels and annotations are in no schema. */
export function strayRows(type: string): readonly string[] {
  const known = new Set(["spec", ...fieldsOf(type).flatMap(({ path }) => [path, `${path}[]`, `${path}{}`])]);
  return ledgerOf(type)
    .map((row) => row.path)
    .filter((path) => !known.has(path) && !path.startsWith("metadata."));
}

/** A path and all above it, nearest first: `spec.a[].b`, `spec.a[]`, `spec.a`, `spec`. */
function above(path: string): readonly string[] {
  const shorter = path.replace(/(\[\]|\{\}|\.[^.[{]+)$/, "");
  return shorter === path ? [path] : [path, ...above(shorter)];
}
