import type { TraceSpan } from "../../../src/api/contract/traces.ts";

/** A span on the waterfall: where its bar lies, as shares of the trace's time. */
export interface Lane {
  readonly span: TraceSpan;
  readonly left: number;
  readonly width: number;
  /** Milliseconds that none of its children took. */
  readonly own: number;
  /** Spans below it. */
  readonly below: number;
}

/** Spans that are shown; those below a closed one are not. */
export function lanesOf(spans: readonly TraceSpan[], closed: ReadonlySet<string>): readonly Lane[] {
  const begin = Math.min(...spans.map((s) => s.start));
  const length = Math.max(0.001, ...spans.map((s) => s.start + s.duration - begin));
  const lanes: Lane[] = [];
  let hiddenBelow = Number.POSITIVE_INFINITY;
  for (const [i, span] of spans.entries()) {
    if (span.depth > hiddenBelow) continue;
    hiddenBelow = closed.has(span.id) ? span.depth : Number.POSITIVE_INFINITY;
    const end = spans.findIndex((s, j) => j > i && s.depth <= span.depth);
    const inside = spans.slice(i + 1, end === -1 ? spans.length : end);
    lanes.push({
      span,
      left: (span.start - begin) / length,
      width: span.duration / length,
      own: ownTime(
        span,
        inside.filter((s) => s.parent === span.id),
      ),
      below: inside.length,
    });
  }
  return lanes;
}

/** Its time less the times of its children, which may run side by side. */
function ownTime(span: TraceSpan, children: readonly TraceSpan[]): number {
  let own = span.duration;
  let until = span.start;
  for (const child of children.toSorted((a, b) => a.start - b.start)) {
    const from = Math.max(until, child.start);
    const to = Math.min(span.start + span.duration, child.start + child.duration);
    if (to <= from) continue;
    own -= to - from;
    until = to;
  }
  return Math.max(0, own);
}

/** The color of a workload, by its place among those of the trace: 0 to 7. */
export function palette(spans: readonly TraceSpan[]): ReadonlyMap<string, number> {
  const names = [...new Set(spans.map((s) => `${s.namespace}/${s.workload}`))];
  return new Map(names.map((name, i) => [name, i % 8]));
}
