import { useQueries, useQuery } from "@tanstack/react-query";
import { type ReactElement, useMemo } from "react";
import { workloadsQuery } from "../api/queries.ts";
import { useAddressed } from "../detail/detail-search.ts";
import type { TabProps } from "../detail/tabs.ts";
import { clockTime } from "../format/quantity.ts";
import { Segments } from "../frame/segments.tsx";
import { Empty, Failure, Skeleton } from "../notes/notes.tsx";
import { CopyCli } from "../table/copy-cli.tsx";
import { has, interleaved, jsonOf, type LogLine } from "./lines.ts";
import { logQuery } from "./queries.ts";
import "./logs.css";

const tail = 500;
/** Pods whose logs are read at once. */
const mostPods = 5;
const sources = [
  { value: "both", label: "Both" },
  { value: "application", label: "Application" },
  { value: "proxy", label: "Proxy" },
] as const;

/** What its application and its proxy wrote, as one by time. */
export function LogsTab({ subject }: TabProps): ReactElement {
  const workloads = useQuery(workloadsQuery).data;
  const [source = "both", setSource] = useAddressed("logsource");
  const [wanted = "", setWanted] = useAddressed("logfilter");
  const pods = useMemo(
    () =>
      (workloads ?? [])
        .filter(({ id }) => subject.workloads.includes(id))
        .flatMap(({ proxies }) => proxies.map(({ id }) => id))
        .slice(0, mostPods),
    [workloads, subject.workloads],
  );
  const asked = pods.flatMap((pod) => (["application", "proxy"] as const).map((each) => logQuery(pod, each, tail)));
  const answers = useQueries({ queries: asked });
  const lines = interleaved(answers.map(({ data }) => data ?? []));
  const error = answers.find((answer) => answer.error)?.error;
  const shown = lines.filter((line) => (source === "both" || line.source === source) && has(line, wanted));
  if (error && lines.length === 0) return <Failure error={error} />;
  if (!workloads || answers.some(({ isPending }) => isPending)) return <Skeleton />;
  const command = `npx weft logs ${subject.name} -n ${subject.namespace} --tail ${tail}`;
  return (
    <div className="logs">
      <div className="logs-tools">
        <Segments label="Whose lines" segments={sources} value={source} onChange={(to) => setSource(to)} />
        <input
          type="search"
          aria-label="Only lines with"
          placeholder="Only lines with"
          value={wanted}
          onChange={({ currentTarget }) => setWanted(currentTarget.value)}
        />
        <span className="quiet">{`${shown.length} of ${lines.length} lines`}</span>
        <CopyCli command={source === "proxy" ? `${command} -c proxy` : command} />
      </div>
      {lines.length === 0 ? (
        <Empty title="No line yet" command={`${command} -f`}>
          Here stands what the application and its proxy wrote, by time.
        </Empty>
      ) : (
        <ol className="logs-lines">
          {shown.slice(-1000).map((line) => (
            <Line key={line.key} line={line} />
          ))}
        </ol>
      )}
    </div>
  );
}

function Line({ line }: { readonly line: LogLine }): ReactElement {
  const json = jsonOf(line.text);
  return (
    <li className={line.source}>
      <span className="quiet">{line.at === undefined ? "" : clockTime(line.at, true)}</span>
      <span className="quiet" title={line.pod}>
        {line.source === "proxy" ? "proxy" : "app"}
      </span>
      {json === undefined ? (
        <span>{line.text}</span>
      ) : (
        <details>
          <summary>{line.text}</summary>
          <pre>{json}</pre>
        </details>
      )}
    </li>
  );
}
