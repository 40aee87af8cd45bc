import { bytes, clockTime, latency } from "../format/quantity.ts";
import { HealthMark } from "../health/health-mark.tsx";
import type { Column } from "../table/columns.ts";
import type { Tapped } from "./tap-stream.ts";
import { answerOf, askedOf, healthOf, sourceOf, targetOf, verdictWords } from "./words.ts";

export const tapColumns: readonly Column<Tapped>[] = [
  {
    id: "at",
    title: "Time",
    width: "84px",
    fixed: true,
    sort: (r) => r.at,
    cell: (r) => <span className="mono">{clockTime(r.at, true)}</span>,
  },
  { id: "from", title: "From", sort: sourceOf, cell: (r) => <span className="mono">{sourceOf(r)}</span> },
  { id: "to", title: "To", sort: targetOf, cell: (r) => <span className="mono">{targetOf(r)}</span> },
  {
    id: "asked",
    title: "Request",
    width: "320px",
    sort: askedOf,
    cell: (r) => (
      <span className="mono" title={`${r.host ?? ""} ${askedOf(r)}`}>
        {askedOf(r)}
      </span>
    ),
  },
  {
    id: "answer",
    title: "Answer",
    width: "120px",
    sort: answerOf,
    cell: (r) => (
      <span className="tap-answer">
        <HealthMark health={healthOf(r)} /> {answerOf(r)}
      </span>
    ),
  },
  {
    id: "time",
    title: "Took",
    number: true,
    width: "84px",
    sort: (r) => r.durationMs,
    cell: (r) => latency(r.durationMs),
  },
  {
    id: "verdict",
    title: "Verdict",
    width: "168px",
    sort: (r) => r.verdict,
    cell: (r) => <span className={r.verdict === "allowed" ? "quiet" : "bad"}>{verdictWords[r.verdict]}</span>,
  },
  { id: "host", title: "Host", extra: true, sort: (r) => r.host, cell: (r) => <span className="mono">{r.host}</span> },
  {
    id: "mtls",
    title: "Mutual TLS",
    extra: true,
    width: "96px",
    sort: (r) => (r.mtls ? 1 : 0),
    cell: (r) => (r.mtls ? "yes" : "no"),
  },
  {
    id: "sent",
    title: "Bytes",
    hint: "Of the answer's body",
    extra: true,
    number: true,
    width: "84px",
    sort: (r) => r.responseBytes,
    cell: (r) => bytes(r.responseBytes),
  },
];
