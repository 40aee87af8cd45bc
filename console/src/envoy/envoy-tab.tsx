import { useQuery } from "@tanstack/react-query";
import { type ReactElement, useMemo } from "react";
import type { ConfigType } from "../../../src/api/contract/proxy-config.ts";
import { workloadsQuery } from "../api/queries.ts";
import { useAddressed } from "../detail/detail-search.ts";
import type { TabProps } from "../detail/tabs.ts";
import { Segments } from "../frame/segments.tsx";
import { Icon } from "../icons/icon.tsx";
import { Empty, Failure, Skeleton } from "../notes/notes.tsx";
import { CopyCli } from "../table/copy-cli.tsx";
import { ConfigTable } from "./config-table.tsx";
import { proxyConfigQuery } from "./queries.ts";
import { matching, rowsOf } from "./rows.ts";
import "./envoy.css";

/** Parts as they stand in the row of segments. */
const parts: readonly { readonly value: ConfigType; readonly label: string }[] = [
  { value: "cluster", label: "Clusters" },
  { value: "listener", label: "Listeners" },
  { value: "route", label: "Routes" },
  { value: "endpoint", label: "Endpoints" },
  { value: "secret", label: "Secrets" },
  { value: "ecds", label: "Extensions" },
  { value: "bootstrap", label: "Bootstrap" },
];

const sources = [
  { value: "sent", label: "Sent", words: "what the control plane sent" },
  { value: "envoy", label: "Held", words: "what its Envoy says that it has" },
] as const;

/** A workload's proxies as Envoy sees them: each part line by line, and the YAML that each was made of. */
export function EnvoyTab({ subject }: TabProps): ReactElement {
  const workloads = useQuery(workloadsQuery).data;
  const proxies = (workloads ?? []).filter((w) => subject.workloads.includes(w.id)).flatMap((w) => w.proxies);
  const [chosen, choose] = useAddressed("proxy");
  const [type = "cluster", setType] = useAddressed("part");
  const [source = "sent", setSource] = useAddressed("source");
  if (!workloads) return <Skeleton />;
  const proxy = proxies.find((one) => one.id === chosen) ?? proxies[0];
  if (!proxy)
    return (
      <Empty title="No proxy" command="npx weft proxy-status">
        Here stands what Envoy was sent, once a proxy runs beside {subject.name}. Proxies that are connected:
      </Empty>
    );
  const part = parts.find((one) => one.value === type)?.value ?? "cluster";
  const from = source === "envoy" || part === "bootstrap" ? "envoy" : "sent";
  return (
    <div className="envoy-tab">
      <div className="envoy-tools">
        {proxies.length > 1 && (
          <select aria-label="Proxy" value={proxy.id} onChange={(event) => choose(event.target.value)}>
            {proxies.map((one) => (
              <option key={one.id}>{one.id}</option>
            ))}
          </select>
        )}
        <Segments label="Part" segments={parts} value={part} onChange={setType} />
        {part !== "bootstrap" && <Segments label="Source" segments={sources} value={from} onChange={setSource} />}
        <span className="push" />
        <CopyCli command={`npx weft proxy-config ${part} ${proxy.id}`} />
      </div>
      <Resources key={`${proxy.id} ${part} ${from}`} proxy={proxy.id} part={part} source={from} />
    </div>
  );
}

interface ResourcesProps {
  readonly proxy: string;
  readonly part: ConfigType;
  readonly source: "sent" | "envoy";
}

function Resources({ proxy, part, source }: ResourcesProps): ReactElement {
  const { data, error } = useQuery(proxyConfigQuery(proxy, part, source));
  const [typed = "", type] = useAddressed("find");
  const rows = useMemo(() => (data ? rowsOf(part, data.resources) : []), [data, part]);
  const shown = useMemo(() => matching(rows, typed), [rows, typed]);
  if (error) return <Failure error={error} />;
  if (!data) return <Skeleton />;
  return (
    <>
      <div className="envoy-tools">
        <label className="filter">
          <Icon name="search" size={14} />
          <span className="heard-only">Filter</span>
          <input
            type="search"
            placeholder="Name, host, file:line"
            value={typed}
            onChange={(e) => type(e.target.value)}
          />
        </label>
        <span className="quiet">
          {shown.length === rows.length ? rows.length : `${shown.length} of ${rows.length}`}
          {source === "envoy" ? ", as its Envoy has them now" : ", as they were sent"}; keys and passwords are left out
        </span>
      </div>
      {rows.length === 0 ? (
        <p className="part quiet">This proxy has none.</p>
      ) : (
        <ConfigTable part={part} rows={shown} />
      )}
    </>
  );
}
