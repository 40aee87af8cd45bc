import { Outlet, useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { type ReactElement, useEffect, useState, useSyncExternalStore } from "react";
import { useView } from "../frame/view.ts";
import { Icon } from "../icons/icon.tsx";
import { Empty } from "../notes/notes.tsx";
import { DataTable, type TableAddress } from "../table/data-table.tsx";
import { tapColumns } from "./tap-columns.tsx";
import { TapFilters } from "./tap-filters.tsx";
import { readTap, type TapSearch, tapCommand, tapQuery } from "./tap-search.ts";
import { type Tapped, tapStream } from "./tap-stream.ts";
import { askedOf, sourceOf, stateWords, targetOf, verdictWords } from "./words.ts";
import "./tap.css";

const keyOf = (row: Tapped) => String(row.id);
const textOf = (row: Tapped) =>
  [sourceOf(row), targetOf(row), askedOf(row), row.host, row.code, verdictWords[row.verdict], row.flags].join(" ");

/** Requests as they end: who called whom, what was asked, and what came of it. */
export function TapPage(): ReactElement {
  const search = useSearch({ strict: false }) as TableAddress & TapSearch;
  const wanted = readTap({ ...search });
  const { namespaces } = useView();
  const navigate = useNavigate();
  const { request } = useParams({ strict: false });
  const [paused, setPaused] = useState(false);
  const { rows, state, failure } = useSyncExternalStore(tapStream.subscribe, tapStream.view);
  const query = tapQuery(wanted, namespaces);
  useEffect(() => (paused ? undefined : tapStream.open(query)), [paused, query]);
  const go = (change: TableAddress & TapSearch) =>
    void navigate({ to: ".", replace: true, search: (before) => ({ ...before, ...change }) });
  return (
    <>
      <div className="tap">
        <TapFilters wanted={wanted} onWanted={go} />
        <p className={failure ? "tap-state bad" : "tap-state quiet"} role="status">
          {failure ?? (paused ? "Paused: no proxy is asked." : state ? stateWords(state) : "Asking the proxies.")}
        </p>
        <DataTable
          label="Requests"
          rows={rows}
          columns={tapColumns}
          rowKey={keyOf}
          rowText={textOf}
          selected={request}
          order={{ column: "at", down: true }}
          address={search}
          onAddress={go}
          onOpen={(row) => void navigate({ to: "/tap/$request", params: { request: keyOf(row) }, search: true })}
          cli={tapCommand(wanted, namespaces)}
          tools={
            <>
              <button type="button" className="plain-button" onClick={() => setPaused(!paused)}>
                <Icon name={paused ? "play" : "pause"} size={14} />
                {paused ? "Go on" : "Pause"}
              </button>
              <button type="button" className="plain-button" onClick={() => tapStream.clear()}>
                <Icon name="close" size={14} />
                Clear
              </button>
            </>
          }
          empty={
            <Empty title="No request yet" command="npx weft load http://localhost:8080/productpage --rate 5">
              Here stands each request as it ends, told by the proxy of the workload that was called; at most 100 a
              second. Values of headers and of queries are never shown. This makes some:
            </Empty>
          }
        />
      </div>
      <Outlet />
    </>
  );
}
