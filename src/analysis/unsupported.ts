import { type Judgement, ledgerOf, type Row } from "../gen/ledger.ts";
import { codes } from "../model/codes.ts";
import type { Diagnostic } from "../model/diagnostic.ts";
import type { FieldPath } from "../model/origin.ts";
import { kindOf, type Resource } from "../model/resource.ts";
import { unrun } from "./unrun.ts";

type Said = Extract<Judgement, { readonly why: string }>;

/** Verdicts of which a user is told, with the words. */
const effects: Readonly<Partial<Record<Judgement["verdict"], string>>> = {
  inert: "has no effect",
  refused: "is refused",
  later: "has no effect yet",
};

/**
 * What an object says that changes nothing (a warning: what a user wrote must not be passed over in silence), or that is refused (an error), by the
 * ledger of fields (`data/ledger`). Pure.
 */
export function unsupported(resource: Resource): readonly Diagnostic[] {
  return [...judged(resource, tellingRows(resource.type)), ...unrun(resource)];
}

/** What rows of a ledger say of an object. */
export function judged(resource: Resource, rows: readonly Row[]): readonly Diagnostic[] {
  const { spec, labels, annotations, data } = resource;
  const whole = { ...data, spec, metadata: { labels, annotations } };
  return rows.flatMap((row) =>
    row.path === "spec"
      ? tell(resource, row, [], undefined)
      : found(whole, steps(row.path)).flatMap(([path, value]) => tell(resource, row, path, value)),
  );
}

const known = new Map<string, readonly Row[]>();

/** Rows that may have something to tell. What lies below a field is told with it. */
function tellingRows(type: string): readonly Row[] {
  let rows = known.get(type);
  if (rows === undefined) {
    const all = ledgerOf(type);
    const above = (row: Row) =>
      all
        .filter(({ path, judgement }) => judgement !== undefined && isBelow(row.path, path))
        .reduce<Row | undefined>(
          (nearest, r) => (nearest && nearest.path.length > r.path.length ? nearest : r),
          undefined,
        );
    rows = all.filter((row) => {
      if (row.values !== undefined || row.keys !== undefined) return true;
      const verdict = row.judgement?.verdict ?? "done";
      return verdict in effects && above(row)?.judgement?.verdict !== verdict;
    });
    known.set(type, rows);
  }
  return rows;
}

function isBelow(path: string, above: string): boolean {
  return path.startsWith(above) && /^[.[{]/.test(path.slice(above.length));
}

function tell(resource: Resource, row: Row, path: FieldPath, value: unknown): readonly Diagnostic[] {
  const byValue = values(value).flatMap(([item, at]) => {
    const said = pick(row.values, String(item));
    return said === undefined ? [] : [{ said, path: [...path, ...at], value: String(item) }];
  });
  const byKey = Object.keys(row.keys === undefined || typeof value !== "object" ? {} : (value ?? {})).flatMap((key) => {
    const said = pick(row.keys, key);
    return said === undefined ? [] : [{ said, path: [...path, key], value: undefined }];
  });
  const special = [...byValue, ...byKey];
  const general = row.judgement === undefined ? [] : [{ said: row.judgement, path, value: undefined }];
  return (special.length > 0 ? special : general).flatMap((t) =>
    t.said.verdict === "done" || !(t.said.verdict in effects) ? [] : [diagnostic(resource, t.path, t.said, t.value)],
  );
}

/** A value, or each of a list, with where it stands. */
function values(value: unknown): readonly (readonly [unknown, FieldPath])[] {
  return Array.isArray(value) ? value.map((item, i) => [item, [i]] as const) : [[value, []]];
}

function pick(judged: Row["values"], name: string): Judgement | undefined {
  const entry = Object.entries(judged ?? {}).find(([pattern]) =>
    pattern.endsWith("*") ? name.toLowerCase().startsWith(pattern.slice(0, -1).toLowerCase()) : name === pattern,
  );
  return entry?.[1];
}

function diagnostic(about: Resource, inside: FieldPath, said: Said, value: string | undefined): Diagnostic {
  const { type, namespace, name } = about;
  const refused = said.verdict === "refused";
  // A MeshConfig is its settings.
  const isMesh = type === "MeshConfig";
  const path = isMesh ? inside.slice(1) : inside;
  const last = path.findLast((step) => typeof step === "string");
  const field = isMesh ? path.join(".") : String(last);
  const what = path.length === 0 ? kindOf(type) : `${field}${value === undefined ? "" : ` ${value}`}`;
  return {
    code: refused ? codes.refused : codes.noEffect,
    level: refused ? "Error" : "Warning",
    about: { type, namespace, name },
    path,
    position: about.origin.locate(path),
    message: `${what} ${effects[said.verdict]}: ${said.why}`,
    ...(said.fix === undefined ? {} : { fix: said.fix }),
  };
}

/** Steps of a row's path. A label's name may hold dots: it is the rest after `metadata.labels.`. */
function steps(path: string): readonly string[] {
  const metadata = /^metadata\.(labels|annotations)\.(.+)$/.exec(path);
  if (metadata) return ["metadata", metadata[1] as string, metadata[2] as string];
  return path.split(".").flatMap((step) => step.split(/(?=\[\]|\{\})/));
}

/** Every place below a value that steps lead to, with what stands there. */
function found(
  value: unknown,
  [step, ...rest]: readonly string[],
  path: FieldPath = [],
): readonly (readonly [FieldPath, unknown])[] {
  if (step === undefined) return value === undefined || value === null ? [] : [[path, value]];
  if (typeof value !== "object" || value === null) return [];
  if (step === "[]")
    return Array.isArray(value) ? value.flatMap((each, index) => found(each, rest, [...path, index])) : [];
  if (step === "{}") return Object.entries(value).flatMap(([key, each]) => found(each, rest, [...path, key]));
  return Object.hasOwn(value, step)
    ? found((value as Readonly<Record<string, unknown>>)[step], rest, [...path, step])
    : [];
}
