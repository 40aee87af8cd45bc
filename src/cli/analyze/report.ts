import type { Reported } from "./reported.ts";

/** Something that was looked at, with or without findings. */
export interface Checked {
  /** `VirtualService default/reviews`. */
  readonly origin: string;
  /** The file that it is in; absent for an object of an API server. */
  readonly file?: string;
}

/** What a run found, for programs that show it. */
export interface Report {
  readonly findings: readonly Reported[];
  readonly checked: readonly Checked[];
  /** Whether a finding is bad enough to fail. */
  readonly fails: (finding: Reported) => boolean;
  readonly version: string;
  /** Absolute: places are told relative to it. */
  readonly cwd: string;
}

/** A finding's place: `{ file: "reviews.yaml", line: 14, column: 7 }`; undefined where it is in no file. */
export function placeOf({ at }: Reported): { file: string; line: number; column: number } | undefined {
  const [, file, line, column] = /^(.*):(\d+):(\d+)$/.exec(at ?? "") ?? [];
  return file === undefined || file === "-" ? undefined : { file, line: Number(line), column: Number(column) };
}

/** Field, message and what to do, in one line. */
export function sentence({ field, message, fix }: Reported): string {
  return `${field === undefined ? "" : `${field}: `}${message}${fix === undefined ? "" : `; ${fix}`}`;
}
