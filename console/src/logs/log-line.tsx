import { Link } from "@tanstack/react-router";
import type { ReactElement } from "react";
import { clockTime } from "../format/quantity.ts";
import { jsonOf, type LogLine } from "./lines.ts";

const words = { application: "app", proxy: "proxy", spans: "trace" } as const;

/** One line: when, whose, what; an object opens, and what it tells of a trace leads there. */
export function Line({ line, several }: { readonly line: LogLine; readonly several: boolean }): ReactElement {
  const json = line.source === "spans" ? undefined : jsonOf(line.text);
  return (
    <li className={line.source}>
      <span className="quiet">{line.at === undefined ? "" : clockTime(line.at, true)}</span>
      <span className="quiet whose" title={line.pod}>
        {several && line.pod !== "" ? `${words[line.source]} ${replicaOf(line.pod)}` : words[line.source]}
      </span>
      {json === undefined ? (
        <span>{line.text}</span>
      ) : (
        <details>
          <summary>{line.text}</summary>
          <pre>{json}</pre>
        </details>
      )}
      <TraceLink trace={line.trace} />
    </li>
  );
}

/** `1` of `reviews-v1-1.default`: what tells replicas apart. */
function replicaOf(pod: string): string {
  return pod.slice(0, pod.lastIndexOf(".")).split("-").at(-1) ?? "";
}

function TraceLink({ trace }: { readonly trace: LogLine["trace"] | undefined }): ReactElement | null {
  if (trace === undefined) return null;
  if ("id" in trace)
    return (
      <Link to="/traces/$id" params={{ id: trace.id }} search={true}>
        Trace
      </Link>
    );
  // One request in twenty is traced: the page says where this one was not.
  return (
    <Link to="/traces" search={{ tag: `guid:x-request-id=${trace.request}` }} title={`Request ${trace.request}`}>
      Trace?
    </Link>
  );
}
