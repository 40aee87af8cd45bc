import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { type ReactElement, useMemo } from "react";
import type { Finding } from "../../../src/api/contract/config.ts";
import type { Health } from "../../../src/api/contract/health.ts";
import type { ProxyState, Workload } from "../../../src/api/contract/workloads.ts";
import { diagnosticsQuery, meshQuery, workloadsQuery } from "../api/queries.ts";
import { ago, span } from "../format/quantity.ts";
import { shows, useView } from "../frame/view.ts";
import { HealthMark } from "../health/health-mark.tsx";
import { firstColumns } from "../list/columns.tsx";
import { ListPage } from "../list/list-page.tsx";
import { Empty } from "../notes/notes.tsx";
import type { Column } from "../table/columns.ts";
import { syncHealth } from "../workloads/sync.ts";
import { ReplicaNote } from "./replica-note.tsx";
import "./sync.css";

interface Row {
  readonly health: Health;
  readonly workload: Workload;
  readonly proxy: ProxyState;
}

/** Of a source that does not answer any more: what it said is still in force. */
const staleCode = "WEFT0037";

const types = ["CDS", "EDS", "LDS", "RDS", "SDS"] as const;
const typeWords: Readonly<Record<(typeof types)[number], string>> = {
  CDS: "Clusters",
  EDS: "Endpoints",
  LDS: "Listeners",
  RDS: "Routes",
  SDS: "Certificates",
};

const columns: readonly Column<Row>[] = [
  ...firstColumns<Row>("Proxy", (r) => r.proxy.id),
  { id: "sync", title: "Sync", width: "104px", sort: (r) => r.proxy.sync, cell: (r) => r.proxy.sync },
  ...types.map(
    (type): Column<Row> => ({
      id: type,
      title: typeWords[type],
      hint: `${type}: acknowledged, of what was sent`,
      number: true,
      width: "84px",
      ...(type === "SDS" ? { yields: 2 } : {}),
      sort: (r) => (r.proxy.types[type]?.sent ?? 0) - (r.proxy.types[type]?.acked ?? 0),
      cell: (r) => <Taken state={r.proxy.types[type]} />,
    }),
  ),
  {
    id: "lag",
    title: "Took",
    hint: "From the last change until it had all of it; while it has not: since when it is behind",
    number: true,
    width: "72px",
    sort: (r) => lagOf(r.proxy, Date.now()),
    cell: (r) => {
      const lag = lagOf(r.proxy, Date.now());
      return lag === undefined ? "–" : lag < 1000 ? `${Math.max(0, lag)}\u202fms` : span(lag);
    },
  },
  {
    id: "acked",
    title: "Last answer",
    number: true,
    width: "96px",
    sort: (r) => r.proxy.lastAckAt,
    cell: (r) => (r.proxy.lastAckAt === undefined ? "never" : ago(r.proxy.lastAckAt, Date.now())),
  },
  {
    id: "envoy",
    title: "Envoy",
    width: "76px",
    yields: 1,
    sort: (r) => r.proxy.envoyVersion,
    cell: (r) => r.proxy.envoyVersion ?? "–",
  },
  {
    id: "refusal",
    title: "What it said",
    sort: (r) => refusalOf(r.proxy),
    cell: (r) => <span title={refusalOf(r.proxy)}>{refusalOf(r.proxy)}</span>,
  },
];

/** Milliseconds: in sync how long the last change took, else since when it is behind; absent where nothing was said yet. */
function lagOf({ sync, changedAt, lastAckAt }: ProxyState, now: number): number | undefined {
  if (changedAt === undefined) return undefined;
  if (sync !== "synced") return now - changedAt;
  return lastAckAt !== undefined && lastAckAt >= changedAt ? lastAckAt - changedAt : undefined;
}

function refusalOf({ types: all }: ProxyState): string {
  return Object.entries(all)
    .flatMap(([type, { error, origins = [] }]) =>
      error === undefined ? [] : [`${type}: ${error}${origins.length > 0 ? ` (${origins.join(", ")})` : ""}`],
    )
    .join("; ");
}

function Taken({ state }: { readonly state: ProxyState["types"][string] | undefined }): ReactElement {
  if (state === undefined) return <span className="quiet">–</span>;
  const health = state.error !== undefined ? "failing" : state.acked < state.sent ? "degraded" : undefined;
  return (
    <>
      {health && <HealthMark health={health} label={health === "failing" ? "refused" : "waiting"} />}{" "}
      {health === undefined ? state.acked : `${state.acked}/${state.sent}`}
    </>
  );
}

const keyOf = (r: Row) => r.proxy.id;
const textOf = (r: Row) => [r.proxy.id, r.workload.name, r.proxy.sync, r.proxy.address, refusalOf(r.proxy)].join(" ");

/** How far each proxy is behind what it shall have, and what it refused. */
export function SyncPage(): ReactElement {
  const query = useQuery(workloadsQuery);
  const findings = useQuery(diagnosticsQuery).data ?? [];
  const { namespaces } = useView();
  const navigate = useNavigate();
  const { data } = query;
  const rows = useMemo(
    () =>
      data
        ?.filter((w) => shows(namespaces, w.namespace))
        .flatMap((workload) =>
          workload.proxies.map((proxy): Row => ({ health: syncHealth[proxy.sync], workload, proxy })),
        ),
    [data, namespaces],
  );
  return (
    <>
      {findings
        .filter((f) => f.code === staleCode)
        .map((f) => (
          <StaleNote key={f.message} finding={f} />
        ))}
      <ReplicaNote />
      <ListPage<Row>
        label="Sync"
        query={{ error: query.error }}
        rows={rows}
        columns={columns}
        rowKey={keyOf}
        rowText={textOf}
        selected={undefined}
        onOpen={({ workload: { namespace, name } }) =>
          void navigate({
            to: "/workloads/$namespace/$name",
            params: { namespace, name },
            search: ({ ns, window }) => ({ ns, window }),
          })
        }
        tools={<Sum />}
        cli={namespaces.length === 1 ? `npx weft proxy-status -n ${namespaces[0]}` : "npx weft proxy-status"}
        empty={
          <Empty title="No proxy has connected" command="npx weft up samples/bookinfo">
            Here stands every proxy with what it was sent, what it took, and how long that lasted. Start the sample to
            see some.
          </Empty>
        }
      />
    </>
  );
}

function Sum(): ReactElement | null {
  const mesh = useQuery(meshQuery).data;
  if (!mesh) return null;
  return (
    <span className="quiet">
      {mesh.proxies.synced} of {mesh.proxies.total} in sync with control plane {mesh.version}
    </span>
  );
}

function StaleNote({ finding }: { readonly finding: Finding }): ReactElement {
  return (
    <div className="stale-note" role="alert">
      <HealthMark health="degraded" />
      <span>
        {finding.message}
        {finding.fix && `. ${finding.fix}`}
      </span>
    </div>
  );
}
