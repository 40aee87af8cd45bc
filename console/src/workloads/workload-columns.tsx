import type { Workload } from "../../../src/api/contract/workloads.ts";
import { latency, percent, rate, span, unbroken } from "../format/quantity.ts";
import { HealthMark, healthRank } from "../health/health-mark.tsx";
import { Calm } from "../table/calm.tsx";
import type { Column } from "../table/columns.ts";
import { application, firstExpiry, summary } from "./sync.ts";

/** Share of failed requests from which a number is shown as bad. */
const failing = 0.05;

const restarts = (w: Workload) => w.proxies.reduce((sum, p) => sum + p.restarts, 0);

export const workloadColumns: readonly Column<Workload>[] = [
  {
    id: "health",
    title: "State",
    fixed: true,
    width: "76px",
    sort: (w) => healthRank[w.health],
    cell: (w) => <HealthMark health={w.health} />,
  },
  {
    id: "name",
    title: "Workload",
    fixed: true,
    width: "184px",
    most: 420,
    sort: (w) => w.name,
    cell: (w) => (
      <span className="mono" title={w.name}>
        {w.name}
      </span>
    ),
  },
  {
    id: "namespace",
    title: "Namespace",
    width: "112px",
    most: 240,
    sort: (w) => w.namespace,
    cell: (w) => <span title={w.namespace}>{w.namespace}</span>,
  },
  { id: "app", title: "App", extra: true, width: "120px", sort: (w) => w.app, cell: (w) => w.app },
  {
    id: "version",
    title: "Version",
    extra: true,
    width: "88px",
    sort: (w) => w.version,
    cell: (w) => w.version || "–",
  },
  {
    id: "sync",
    title: "Proxies",
    hint: "Whether they hold the newest configuration",
    width: "150px",
    sort: (w) => summary(w.proxies).rank,
    cell: (w) => {
      const { health, text } = summary(w.proxies);
      return (
        <span className="marked">
          {w.proxies.length > 0 && <HealthMark health={health} label="" />}
          <span className={w.proxies.length > 0 ? "cut" : "cut quiet"}>{text}</span>
        </span>
      );
    },
  },
  {
    id: "application",
    title: "Application",
    width: "112px",
    yields: 3,
    sort: (w) => application(w).text,
    cell: (w) => application(w).text,
  },
  {
    id: "rate",
    title: "In",
    hint: "Requests a second that it receives",
    number: true,
    width: "76px",
    sort: (w) => w.inbound.rate,
    cell: (w) => <Calm zero={w.inbound.rate === 0}>{rate(w.inbound.rate)}</Calm>,
  },
  {
    id: "errors",
    title: "Errors",
    hint: "Share of received requests that failed",
    number: true,
    width: "76px",
    sort: (w) => w.inbound.errorShare,
    cell: (w) => (
      <Calm zero={w.inbound.errorShare === 0}>
        <span className={w.inbound.errorShare >= failing ? "bad" : undefined}>{percent(w.inbound.errorShare)}</span>
      </Calm>
    ),
  },
  {
    id: "p95",
    title: "p95",
    hint: "95 of 100 requests take at most this long",
    number: true,
    width: "80px",
    sort: (w) => w.inbound.p95,
    cell: (w) => latency(w.inbound.p95),
  },
  {
    id: "outbound",
    title: "Out",
    hint: "Requests a second that it sends",
    extra: true,
    number: true,
    width: "76px",
    sort: (w) => w.outbound.rate,
    cell: (w) => <Calm zero={w.outbound.rate === 0}>{rate(w.outbound.rate)}</Calm>,
  },
  {
    id: "certificate",
    title: "Certificate",
    hint: "Time until the first of its certificates expires",
    number: true,
    width: "92px",
    yields: 2,
    sort: (w) => firstExpiry(w.proxies),
    cell: (w) => {
      const at = firstExpiry(w.proxies);
      return at === undefined ? "–" : span(at - Date.now());
    },
  },
  {
    id: "restarts",
    title: "Restarts",
    number: true,
    width: "80px",
    yields: 1,
    sort: restarts,
    cell: (w) => <Calm zero={restarts(w) === 0}>{restarts(w)}</Calm>,
  },
  {
    id: "account",
    title: "Service account",
    extra: true,
    width: "160px",
    sort: (w) => w.serviceAccount,
    cell: (w) => w.serviceAccount,
  },
  {
    id: "sentence",
    title: "What is up",
    sort: (w) => w.sentence,
    cell: (w) => <span title={w.sentence}>{unbroken(w.sentence)}</span>,
  },
];
