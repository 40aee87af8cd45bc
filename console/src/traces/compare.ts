import type { TraceSpan } from "../../../src/api/contract/traces.ts";

/** One step of two traces, side by side. Durations in milliseconds; undefined where that trace has no such step. */
export interface Pair {
  readonly key: string;
  readonly depth: number;
  readonly workload: string;
  readonly name: string;
  readonly kind: TraceSpan["kind"];
  readonly left: number | undefined;
  readonly right: number | undefined;
  readonly failedLeft: boolean;
  readonly failedRight: boolean;
}

/** Steps that are alike, in the order of the left trace; those of the right alone follow the step that is before them there. */
export function paired(left: readonly TraceSpan[], right: readonly TraceSpan[]): readonly Pair[] {
  const [a, b] = [keyed(left), keyed(right)];
  const there = new Map(b);
  const pairs: Pair[] = a.map(([key, span]) => pairOf(key, span, there.get(key)));
  const known = new Set(a.map(([key]) => key));
  let after = -1;
  for (const [key, span] of b) {
    if (known.has(key)) {
      after = pairs.findIndex((pair) => pair.key === key);
      continue;
    }
    after++;
    pairs.splice(after, 0, pairOf(key, undefined, span));
  }
  return pairs;
}

function pairOf(key: string, left: TraceSpan | undefined, right: TraceSpan | undefined): Pair {
  const one = (left ?? right) as TraceSpan;
  return {
    ...{ key, depth: one.depth, workload: one.workload, name: one.name, kind: one.kind },
    ...{ left: left?.duration, right: right?.duration },
    failedLeft: left?.failed ?? false,
    failedRight: right?.failed ?? false,
  };
}

/** Each span with what it has in common with its like: its way from the first span by app and operation, and which of several it is. */
function keyed(spans: readonly TraceSpan[]): readonly (readonly [string, TraceSpan])[] {
  const ways = new Map<string, string>();
  const seen = new Map<string, number>();
  return spans.map((span) => {
    const above = (span.parent && ways.get(span.parent)) ?? "";
    const way = `${above}>${span.kind} ${appOf(span.workload)} ${span.name}`;
    const count = (seen.get(way) ?? 0) + 1;
    seen.set(way, count);
    const key = count === 1 ? way : `${way}#${count}`;
    ways.set(span.id, key);
    return [key, span];
  });
}

/** Versions of one app are to be compared: `reviews-v2` as `reviews`. */
function appOf(workload: string): string {
  return workload.replace(/-v\d+[\w.]*$/, "");
}
