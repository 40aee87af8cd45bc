import type { Change } from "../model/change.ts";
import type { Diagnostic } from "../model/diagnostic.ts";
import { formatPath } from "../model/origin.ts";
import type { Ref } from "../model/resource.ts";
import { apply, get, type Snapshot } from "../model/snapshot.ts";
import { Tracker } from "../track/tracker.ts";
import type { Finding } from "./finding.ts";
import { run, usual } from "./run.ts";
import { heard } from "./silence.ts";

/** What the analysers would find after some changes, against what they find now. */
export interface Foreseen {
  /** All about the objects that the changes put. */
  readonly own: readonly Diagnostic[];
  /** What is new about others. */
  readonly brought: readonly Diagnostic[];
  /** What is found now and would be no more. */
  readonly mended: readonly Diagnostic[];
  /** Whether all was looked at within the time. */
  readonly whole: boolean;
}

export interface ForesightOptions {
  /** Milliseconds from some moment on. */
  readonly elapsed: () => number;
  /** The longest that one call may look, in milliseconds; what it worked out is kept for the next. 1,000 by default. */
  readonly boundMs?: number;
}

/** Looks at the mesh as it would be. Its answers are kept, so that after the first a look costs what is changed. */
export interface Foresight {
  look(now: Snapshot, changes: readonly Change[]): Foreseen;
  /** Lets go of what is kept. */
  forget(): void;
}

export function foresight({ elapsed, boundMs = 1000 }: ForesightOptions): Foresight {
  let tracker: Tracker | undefined;
  return {
    look(now, changes) {
      const mesh = tracker ?? new Tracker(now);
      tracker = mesh;
      const until = elapsed() + boundMs;
      const inTime = () => elapsed() < until;
      const next = apply(now, changes);
      const before = find(mesh, now, inTime);
      const after = before && find(mesh, next, inTime);
      mesh.advance(now);
      return before && after ? compared(before, after, now, next, changes) : nothing;
    },
    forget() {
      tracker = undefined;
    },
  };
}

const nothing: Foreseen = { own: [], brought: [], mended: [], whole: false };

type Found = ReadonlyMap<string, Finding>;

/** All findings of a snapshot, by what they say; undefined where the time did not suffice. */
function find(mesh: Tracker, at: Snapshot, inTime: () => boolean): Found | undefined {
  mesh.advance(at);
  const found = new Map<string, Finding>();
  for (const analyzer of usual) {
    if (!inTime()) return undefined;
    for (const one of heard(at, run(mesh, analyzer).found)) found.set(wordsOf(one), one);
  }
  return found;
}

function compared(before: Found, after: Found, now: Snapshot, next: Snapshot, changes: readonly Change[]): Foreseen {
  const put = new Set(changes.flatMap((change) => ("put" in change ? [keyOf(change.put)] : [])));
  const isOwn = ({ about }: Finding) => put.has(keyOf(about));
  const fresh = [...after].filter(([words, finding]) => isOwn(finding) || !before.has(words)).map(([, f]) => f);
  const gone = [...before].flatMap(([words, finding]) => (after.has(words) ? [] : [finding]));
  return {
    own: fresh.filter(isOwn).map((f) => placed(f, next)),
    brought: fresh.filter((f) => !isOwn(f)).map((f) => placed(f, next)),
    mended: gone.map((f) => placed(f, now)),
    whole: true,
  };
}

function placed(finding: Finding, snapshot: Snapshot): Finding {
  const origin = get(snapshot, finding.about)?.origin;
  return origin === undefined ? finding : { ...finding, position: origin.locate(finding.path ?? []) };
}

function wordsOf({ code, about, path = [], message }: Finding): string {
  return [code, keyOf(about), formatPath(path), message].join("|");
}

function keyOf({ type, namespace, name }: Ref): string {
  return `${type}/${namespace}/${name}`;
}
