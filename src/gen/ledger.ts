import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { load } from "js-yaml";
import { dataFolder } from "./data-folder.ts";

/** What Weft makes of a field, or of some of its values. `why` and `fix` are what a user reads. */
export type Judgement =
  | {
      readonly verdict: "done";
      readonly by: string;
      readonly note?: string;
      readonly differs?: string;
      readonly test?: string;
    }
  | { readonly verdict: "inert" | "aside" | "refused" | "later"; readonly why: string; readonly fix?: string };

/** A row of the ledger. A field without a row is judged as the nearest field above it. */
export interface Row {
  /** `spec.http[].match[].headers{}.exact`; `[]` stands for each of a list, `{}` for each of a map; `spec` for the whole kind. */
  readonly path: string;
  /** Absent where the row judges only some values. */
  readonly judgement?: Judgement;
  /** By value of the field, or by key of a map; `*` at the end stands for any rest. */
  readonly values?: Readonly<Record<string, Judgement>>;
  readonly keys?: Readonly<Record<string, Judgement>>;
  /** The shared file whose rows stand below this field. */
  readonly as?: string;
}

/** A row as it is written: one of the verdicts with its words, and what goes with it. */
interface Written {
  readonly done?: string;
  readonly inert?: string;
  readonly aside?: string;
  readonly refused?: string;
  readonly later?: string;
  readonly note?: string;
  readonly differs?: string;
  readonly test?: string;
  readonly fix?: string;
  /** A file in `shared/` that has the rows below this field, and as `.` its own. */
  readonly as?: string;
  readonly values?: Readonly<Record<string, Written>>;
  readonly keys?: Readonly<Record<string, Written>>;
}

const known = new Map<string, readonly Row[]>();

/** The rows of a type, `as` replaced by what it names; none for a type without a ledger. Read from `data/ledger` when first asked for. */
export function ledgerOf(type: string): readonly Row[] {
  let rows = known.get(type);
  if (rows === undefined) {
    rows = expanded(read(`${type}.yaml`), "");
    known.set(type, rows);
  }
  return rows;
}

function expanded(written: Readonly<Record<string, Written>>, above: string): readonly Row[] {
  return Object.entries(written).flatMap(([name, said]) => {
    const path = above === "" ? name : name === "." ? above : `${above}.${name}`;
    const own = rowOf(path, said);
    if (said.as === undefined) return [own];
    const shared = expanded(read(`shared/${said.as}.yaml`), path);
    // What stands beside `as` goes before what the shared file says of the field itself.
    const itself = shared.filter((row) => row.path === path);
    return [Object.assign({}, ...itself, own, { as: said.as }), ...shared.filter((row) => row.path !== path)];
  });
}

function rowOf(path: string, said: Written): Row {
  const judgement = judgementOf(said);
  const each = (all: Readonly<Record<string, Written>>) =>
    Object.fromEntries(Object.entries(all).map(([value, w]) => [value, judgementOf(w) as Judgement]));
  return {
    path,
    ...(judgement === undefined ? {} : { judgement }),
    ...(said.values === undefined ? {} : { values: each(said.values) }),
    ...(said.keys === undefined ? {} : { keys: each(said.keys) }),
  };
}

function judgementOf({ done, note, differs, test, fix, ...rest }: Written): Judgement | undefined {
  if (done !== undefined)
    return {
      verdict: "done",
      by: done,
      ...(note === undefined ? {} : { note }),
      ...(differs === undefined ? {} : { differs }),
      ...(test === undefined ? {} : { test }),
    };
  for (const verdict of ["inert", "aside", "refused", "later"] as const) {
    const why = rest[verdict];
    if (why !== undefined) return { verdict, why, ...(fix === undefined ? {} : { fix }) };
  }
  return undefined;
}

let folder: string | undefined;

function read(file: string): Readonly<Record<string, Written>> {
  folder ??= dataFolder("ledger");
  const path = join(folder, file);
  return existsSync(path) ? ((load(readFileSync(path, "utf8")) ?? {}) as Readonly<Record<string, Written>>) : {};
}
