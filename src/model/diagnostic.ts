import { at, type FieldPath, formatPath, type Position } from "./origin.ts";
import type { Ref } from "./resource.ts";

export type Level = "Error" | "Warning" | "Info";

/** A finding about one place of the user's configuration. A value, never thrown. */
export interface Diagnostic {
  /** Stable: Istio's own IST code where one means the same, else WEFTnnnn. */
  readonly code: string;
  /** Codes of other tools that mean the same: Kiali's. */
  readonly also?: readonly string[];
  readonly level: Level;
  /** The object it is about; absent where a text could not be read as an object. */
  readonly about?: Ref;
  /** The field inside the object. */
  readonly path?: FieldPath;
  /** Where that is, for people: filled in by whoever holds the object's origin. */
  readonly position?: Position;
  /** What is wrong, in one sentence without a full stop: `"5 seconds" is not a duration`. */
  readonly message: string;
  /** How to mend it: `write "5s" or "250ms"`. */
  readonly fix?: string;
}

/** `reviews.yaml:14:7 error WEFT0012 spec.http[0].timeout: "5 seconds" is not a duration; write "5s"`; a place that is a path is not said twice. */
export function formatDiagnostic(d: Diagnostic): string {
  const said = d.path && d.path.length > 0;
  const where = d.position ? `${said && d.position.line === 0 ? d.position.file : at(d.position)} ` : "";
  const field = said ? `${formatPath(d.path)}: ` : "";
  return `${where}${d.level.toLowerCase()} ${formatCodes(d)} ${field}${d.message}${d.fix ? `; ${d.fix}` : ""}`;
}

/** `IST0101`, or `IST0101/KIA1101` where another tool has a code for it. */
export function formatCodes({ code, also = [] }: Pick<Diagnostic, "code" | "also">): string {
  return [code, ...also].join("/");
}
