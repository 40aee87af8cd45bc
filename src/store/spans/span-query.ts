import type { DatabaseSync, SQLInputValue } from "node:sqlite";
import type { Span, SpanQuery, SpanSubject } from "../../model/span.ts";
import { spanOf } from "./span-table.ts";

/** Spans of one trace that are read at most: a loop of calls may make any number. */
const mostSpans = 2000;

/** Spans of all traces of one answer. */
const mostOfAll = 40_000;

/** Condition and its values. */
type Where = readonly [sql: string, ...values: SQLInputValue[]];

/** Traces that fit, the newest first, each whole; `more` where there are others. */
export function searchSpans(
  db: DatabaseSync,
  query: SpanQuery,
): { readonly traces: readonly (readonly Span[])[]; readonly more: boolean } {
  const conditions: readonly Where[] = [
    ["s.start > ? AND s.start <= ?", query.from * 1000, query.to * 1000],
    ...(query.subject === undefined ? [] : [ofSubject(query.subject)]),
    ...(query.atLeast === undefined ? [] : [["s.duration >= ?", query.atLeast * 1000] as const]),
    ...(query.atMost === undefined ? [] : [["s.duration <= ?", query.atMost * 1000] as const]),
    ...(query.namespaces.length === 0
      ? []
      : [["s.namespace IN (SELECT value FROM json_each(?))", JSON.stringify(query.namespaces)] as const]),
    ...(query.subject === undefined && (query.atLeast ?? query.atMost) !== undefined ? [isFirst] : []),
    ...(query.failed === true ? [anyFailed] : []),
    ...Object.entries(query.tags).map(hasTag),
  ];
  const where = conditions.map(([sql]) => `(${sql})`).join(" AND ");
  const values = conditions.flatMap(([, ...rest]) => rest);
  const sql = `SELECT s.trace AS trace, max(s.start) AS last FROM spans s WHERE ${where} GROUP BY s.trace ORDER BY last DESC LIMIT ?`;
  const found = db.prepare(sql).all(...values, query.limit + 1);
  const traces: (readonly Span[])[] = [];
  let left = mostOfAll;
  for (const { trace } of found.slice(0, query.limit)) {
    if (left <= 0) break;
    const spans = spansOf(db, String(trace));
    traces.push(spans);
    left -= spans.length;
  }
  return { traces, more: found.length > traces.length };
}

/** All spans of a trace, by their beginning. */
export function spansOf(db: DatabaseSync, trace: string): readonly Span[] {
  const rows = db.prepare("SELECT * FROM spans WHERE trace = ? ORDER BY start LIMIT ?").all(trace, mostSpans);
  return rows.map(spanOf);
}

/** The one that no other span of its trace, as far as it is kept, caused. */
const isFirst: Where = ["NOT EXISTS (SELECT 1 FROM spans p WHERE p.trace = s.trace AND p.id = s.parent)"];

const anyFailed: Where = ["EXISTS (SELECT 1 FROM spans f WHERE f.trace = s.trace AND f.failed = 1)"];

function hasTag([name, value]: readonly [string, string]): Where {
  const sql = `EXISTS (SELECT 1 FROM spans t, json_each(t.rest, '$[2]') j WHERE t.trace = s.trace AND j.key = ? AND j.value = ?)`;
  return [sql, name, value];
}

function ofSubject(subject: SpanSubject): Where {
  if ("workloads" in subject) {
    const { workloads } = subject;
    const any = workloads.map(() => "(s.namespace = ? AND s.workload = ?)").join(" OR ");
    return [any, ...workloads.flatMap(({ namespace, name }) => [namespace, name])];
  }
  if ("service" in subject) return ["s.service = ?", subject.service];
  const { source, target } = subject.edge;
  const from = ["s.kind = 'client' AND s.namespace = ? AND s.workload = ?", source.namespace, source.name] as const;
  if ("service" in target) return [`${from[0]} AND s.service = ?`, ...from.slice(1), target.service];
  const into =
    "EXISTS (SELECT 1 FROM spans c WHERE c.trace = s.trace AND c.parent = s.id AND c.namespace = ? AND c.workload = ?)";
  return [`${from[0]} AND ${into}`, ...from.slice(1), target.namespace, target.name];
}
