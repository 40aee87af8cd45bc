import { useQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { type ReactElement, useMemo } from "react";
import type { CertificateSummary, CertificatesAnswer } from "../../../src/api/contract/certificates.ts";
import type { Health } from "../../../src/api/contract/health.ts";
import { ago, span } from "../format/quantity.ts";
import { HealthMark } from "../health/health-mark.tsx";
import { firstColumns } from "../list/columns.tsx";
import { ListPage } from "../list/list-page.tsx";
import { Empty } from "../notes/notes.tsx";
import type { Column } from "../table/columns.ts";
import { ExpiryMap } from "./expiry-map.tsx";
import { healthOf, lived, spanOf } from "./left.ts";
import { certificatesQuery } from "./queries.ts";
import { RotateButtons } from "./rotate.tsx";
import type { CertificatesSearch } from "./search.ts";
import "./certificates.css";

interface Row extends CertificateSummary {
  readonly health: Health;
  readonly now: number;
}

const columns: readonly Column<Row>[] = [
  ...firstColumns<Row>("Certificate", (c) => shortName(c.name)),
  { id: "kind", title: "Kind", width: "112px", sort: (c) => c.kind, cell: (c) => c.kind },
  {
    id: "left",
    title: "Ends",
    number: true,
    width: "108px",
    sort: (c) => c.notAfter,
    cell: (c) =>
      c.notAfter <= c.now ? <span className="bad">{ago(c.notAfter, c.now)}</span> : `in ${span(c.notAfter - c.now)}`,
  },
  {
    id: "lived",
    title: "Life",
    hint: "How much of it is over; Weft renews its own at half",
    width: "108px",
    sort: (c) => lived(c, c.now),
    cell: (c) => (
      <meter className="life" value={lived(c, c.now)} title={`${Math.round(lived(c, c.now) * 100)} % is over`} />
    ),
  },
  {
    id: "renewed",
    title: "Renewed",
    hint: "Whether Weft replaces it in time",
    width: "92px",
    sort: (c) => Number(c.renewed),
    cell: (c) => (c.renewed ? "by Weft" : <span className="quiet">by others</span>),
  },
  {
    id: "state",
    title: "Root",
    hint: "Of a root: whether it signs",
    width: "84px",
    sort: (c) => c.state,
    cell: (c) => c.state ?? "–",
  },
  {
    id: "holders",
    title: "Held by",
    sort: (c) => c.holders.join(" "),
    cell: (c) => <span title={c.holders.join("\n")}>{c.holders.join(", ") || "nobody now"}</span>,
  },
  { id: "issuer", title: "Issuer", extra: true, width: "240px", sort: (c) => c.issuer, cell: (c) => c.issuer },
  {
    id: "serial",
    title: "Serial",
    extra: true,
    width: "200px",
    sort: (c) => c.serial,
    cell: (c) => <span className="mono">{c.serial}</span>,
  },
];

/** A SPIFFE ID without the trust domain, which is the same for all: `ns/default/sa/reviews`. */
function shortName(name: string): string {
  return name.replace(/^spiffe:\/\/[^/]+\//, "");
}

const keyOf = (c: Row) => `${c.kind} ${c.serial} ${c.notAfter}`;
const textOf = (c: Row) => [c.name, c.kind, c.state ?? "", c.serial, c.issuer, ...c.holders].join(" ");

/** Every certificate of the mesh: who has it, when it ends, and who sees to it. */
export function CertificatesPage(): ReactElement {
  const { ends, live } = useSearch({ strict: false }) as CertificatesSearch;
  const query = useQuery(certificatesQuery(live === true));
  const navigate = useNavigate();
  const { data, dataUpdatedAt } = query;
  const all = useMemo(
    () => data?.items.map((c): Row => ({ ...c, health: healthOf(c, dataUpdatedAt), now: dataUpdatedAt })),
    [data, dataUpdatedAt],
  );
  const rows = useMemo(() => all?.filter((c) => ends === undefined || spanOf(c, c.now) === ends), [all, ends]);
  const set = (search: CertificatesSearch) =>
    void navigate({ to: ".", replace: true, search: (before) => ({ ...before, ...search }) });
  return (
    <>
      {data && <Troubles answer={data} />}
      {all && all.length > 0 && (
        <ExpiryMap rows={all} chosen={ends} onChoose={(name) => set({ ends: name === ends ? undefined : name })} />
      )}
      <ListPage<Row>
        label="Certificates"
        query={{ error: query.error }}
        rows={rows}
        columns={columns}
        rowKey={keyOf}
        rowText={textOf}
        selected={undefined}
        onOpen={(c) => set({ ends: spanOf(c, c.now) })}
        tools={
          <>
            <label className="tick">
              <input
                type="checkbox"
                checked={live === true}
                onChange={(e) => set({ live: e.target.checked || undefined })}
              />
              as proxies have them now
            </label>
            <RotateButtons />
          </>
        }
        cli={live ? "npx weft certs --live" : "npx weft certs"}
        empty={
          <Empty title="No certificates" command="npx weft certs">
            {ends === undefined
              ? "Here stands every root, intermediate and leaf of the mesh. This control plane has given out none yet."
              : "None ends in that time. Press its column again to see all."}
          </Empty>
        }
      />
    </>
  );
}

/** What is wrong with the authority, and what could not be renewed. */
function Troubles({ answer }: { readonly answer: CertificatesAnswer }): ReactElement | null {
  const { trouble, failed = [], silent } = answer;
  const lines = [
    ...(trouble === undefined ? [] : [trouble]),
    ...failed.map(
      (one) =>
        `${one.identity} was not renewed (${ago(one.at, Date.now())}: ${one.error}); the old certificate stays in use and it is tried again`,
    ),
    ...(silent.length > 0
      ? [`${silent.length} proxies did not say what they have: ${silent.slice(0, 3).join("; ")}`]
      : []),
  ];
  if (lines.length === 0) return null;
  return (
    <div className="troubles" role="alert">
      <ul>
        {lines.map((line) => (
          <li key={line}>
            <HealthMark health="failing" /> {line}
          </li>
        ))}
      </ul>
    </div>
  );
}
