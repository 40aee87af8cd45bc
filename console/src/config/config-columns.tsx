import type { ConfigObject, Finding } from "../../../src/api/contract/config.ts";
import type { Column } from "../table/columns.ts";
import { LevelMark, levelRank, worstOf } from "./level-mark.tsx";
import { Place } from "./place.tsx";

/** What the table of objects shows of each. */
export const objectColumns: readonly Column<ConfigObject>[] = [
  {
    id: "state",
    title: "State",
    hint: "The worst that was found about it",
    fixed: true,
    width: "76px",
    sort: (c) => levelRank(worstOf(c.diagnostics)),
    cell: (c) => <LevelMark level={worstOf(c.diagnostics)} />,
  },
  {
    id: "name",
    title: "Object",
    fixed: true,
    width: "184px",
    most: 360,
    sort: (c) => c.name,
    cell: (c) => (
      <span className="mono" title={c.name}>
        {c.name}
      </span>
    ),
  },
  { id: "kind", title: "Kind", width: "160px", most: 208, sort: (c) => c.kind, cell: (c) => c.kind },
  { id: "namespace", title: "Namespace", width: "112px", sort: (c) => c.namespace, cell: (c) => c.namespace || "–" },
  {
    id: "at",
    title: "Where",
    width: "216px",
    most: 420,
    sort: (c) => c.at,
    cell: (c) => <Place at={c.at} />,
  },
  {
    id: "version",
    title: "API version",
    extra: true,
    width: "200px",
    sort: (c) => c.apiVersion,
    cell: (c) => <span className="mono">{c.apiVersion}</span>,
  },
  {
    id: "proxies",
    title: "In force",
    hint: "Proxies that acknowledged it, of those that are to hold it",
    number: true,
    width: "88px",
    sort: (c) => (c.proxies.total === 0 ? undefined : c.proxies.acked / c.proxies.total),
    cell: (c) => (
      <span
        title={
          c.proxies.total === 0
            ? "No proxy needs it"
            : `${c.proxies.acked} of ${c.proxies.total} proxies acknowledged it`
        }
      >
        {c.proxies.total === 0 ? "–" : `${c.proxies.acked}/${c.proxies.total}`}
      </span>
    ),
  },
  {
    id: "finding",
    title: "Findings",
    sort: (c) => (c.diagnostics.length === 0 ? undefined : c.diagnostics.length),
    cell: (c) => {
      const worst = c.diagnostics.toSorted((a, b) => levelRank(a.level) - levelRank(b.level))[0];
      if (!worst) return <span className="quiet">none</span>;
      const more = c.diagnostics.length - 1;
      return (
        <span title={worst.message}>
          {worst.message}
          {more > 0 && <span className="quiet"> and {more} more</span>}
        </span>
      );
    },
  },
];

/** What the table of findings shows of each. */
export const findingColumns: readonly Column<Finding>[] = [
  {
    id: "level",
    title: "Level",
    fixed: true,
    width: "104px",
    sort: (f) => levelRank(f.level),
    cell: (f) => (
      <span className="marked">
        <LevelMark level={f.level} />
        {f.level}
      </span>
    ),
  },
  {
    id: "code",
    title: "Code",
    width: "148px",
    sort: (f) => f.code,
    cell: (f) => <span className="mono">{[f.code, ...(f.also ?? [])].join(" ")}</span>,
  },
  {
    id: "at",
    title: "Where",
    width: "210px",
    most: 420,
    sort: (f) => f.at,
    cell: (f) => <Place at={f.at} />,
  },
  {
    id: "origin",
    title: "Object",
    width: "220px",
    most: 320,
    sort: (f) => f.origin,
    cell: (f) => <span title={f.origin}>{f.origin}</span>,
  },
  {
    id: "message",
    title: "What is wrong",
    sort: (f) => f.message,
    cell: (f) => <span title={f.field ? `${f.field}: ${f.message}` : f.message}>{f.message}</span>,
  },
  { id: "fix", title: "How to mend it", sort: (f) => f.fix, cell: (f) => <span title={f.fix}>{f.fix ?? "–"}</span> },
];
