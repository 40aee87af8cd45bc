import type { Health } from "../../../src/api/contract/health.ts";
import type { TrafficSummary } from "../../../src/api/contract/workloads.ts";
import { latency, percent, rate, unbroken } from "../format/quantity.ts";
import { HealthMark, healthRank } from "../health/health-mark.tsx";
import { Calm } from "../table/calm.tsx";
import type { Column } from "../table/columns.ts";

/** Share of failed requests from which a number is shown as bad. */
const failing = 0.05;

/** State, and the name under a title of its own: the columns that stay in sight beside a detail. */
export function firstColumns<T extends { readonly health: Health }>(
  title: string,
  name: (row: T) => string,
): readonly Column<T>[] {
  return [
    {
      id: "health",
      title: "State",
      fixed: true,
      width: "76px",
      sort: (row) => healthRank[row.health],
      cell: (row) => <HealthMark health={row.health} />,
    },
    {
      id: "name",
      title,
      fixed: true,
      width: "212px",
      most: 420,
      sort: name,
      cell: (row) => (
        <span className="mono" title={name(row)}>
          {name(row)}
        </span>
      ),
    },
  ];
}

export function namespaceColumn<T extends { readonly namespace: string }>(): Column<T> {
  return {
    id: "namespace",
    title: "Namespace",
    width: "128px",
    most: 240,
    sort: (row) => row.namespace,
    cell: (row) => <span title={row.namespace}>{row.namespace}</span>,
  };
}

/** Rate, share of errors and p95 of what something receives. */
export function trafficColumns<T>(of: (row: T) => TrafficSummary, title = "In"): readonly Column<T>[] {
  return [
    {
      id: "rate",
      title,
      hint: title === "In" ? "Requests a second that it receives" : "Requests a second that are sent to it",
      number: true,
      width: "76px",
      sort: (row) => of(row).rate,
      cell: (row) => <Calm zero={of(row).rate === 0}>{rate(of(row).rate)}</Calm>,
    },
    {
      id: "errors",
      title: "Errors",
      hint: "Share of these that failed",
      number: true,
      width: "76px",
      sort: (row) => of(row).errorShare,
      cell: (row) => (
        <Calm zero={of(row).errorShare === 0}>
          <span className={of(row).errorShare >= failing ? "bad" : undefined}>{percent(of(row).errorShare)}</span>
        </Calm>
      ),
    },
    {
      id: "p95",
      title: "p95",
      hint: "95 of 100 requests take at most this long",
      number: true,
      width: "80px",
      sort: (row) => of(row).p95,
      cell: (row) => latency(of(row).p95),
    },
  ];
}

export function sentenceColumn<T extends { readonly sentence: string }>(): Column<T> {
  return {
    id: "sentence",
    title: "What is up",
    sort: (row) => row.sentence,
    cell: (row) => <span title={row.sentence}>{unbroken(row.sentence)}</span>,
  };
}
