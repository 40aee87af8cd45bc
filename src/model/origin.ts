/** A place in a text. Lines and columns count from 1. An object of an API server has none: `file` is its name then, and both are 0. */
export interface Position {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  /** The field inside an object without lines: `spec.http[0].timeout`. */
  readonly path?: string;
}

/** Steps from an object's root to one of its fields: `["spec", "http", 0, "timeout"]`. */
export type FieldPath = readonly (string | number)[];

/** Where an object was written. `locate` finds a field (or its nearest existing parent); it may parse the text again, so ask late. */
export interface Origin extends Position {
  /** Says where a reader finds it: `reviews.yaml:14:1`, or `VirtualService default/reviews` for an object from an API server. */
  readonly at: string;
  locate(path: FieldPath): Position;
  /** The object's own text as it was written, from `line` on, so that line numbers agree; absent where there is none (an API server's object). */
  text?(): string;
}

/** `file:line:col`; of an object without lines its name, and the path. */
export function at(position: Position): string {
  if (position.line === 0) return position.path === undefined ? position.file : `${position.file} ${position.path}`;
  return `${position.file}:${position.line}:${position.column}`;
}

/** `spec.http[0].timeout`. */
export function formatPath(path: FieldPath): string {
  return path.reduce<string>(
    (text, step) => (typeof step === "number" ? `${text}[${step}]` : text === "" ? step : `${text}.${step}`),
    "",
  );
}
