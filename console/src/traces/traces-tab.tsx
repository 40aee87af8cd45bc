import { useNavigate } from "@tanstack/react-router";
import type { ReactElement } from "react";
import { useAddressed } from "../detail/detail-search.ts";
import type { TabProps } from "../detail/tabs.ts";
import { readTraces, type TracesSearch } from "./search.ts";
import { TracesView } from "./traces-view.tsx";

/** Traces of one workload, service or host. What narrows them stands in the address, each under `traces` and its name. */
export function TracesTab({ subject }: TabProps): ReactElement {
  const navigate = useNavigate();
  const [text = "", setText] = useAddressed("traces");
  const own = { ...readTraces(Object.fromEntries(new URLSearchParams(text))), ...subjectOf(subject) };
  const node = subject.workloads[0];
  const change = (more: TracesSearch) => {
    const next = Object.entries({ ...own, ...subjectOf(subject), ...more }).flatMap(([name, value]) =>
      value === undefined || name === "workload" || name === "service" ? [] : [[name, String(value)]],
    );
    setText(new URLSearchParams(next).toString());
  };
  return (
    <div className="traces-tab">
      <TracesView
        asked={own}
        onAsked={change}
        onOpen={(id) => void navigate({ to: "/traces/$id", params: { id }, search: { ...subjectOf(subject) } })}
        about={subject.name}
        {...(subject.host === undefined && node !== undefined ? { of: { node } } : {})}
      />
    </div>
  );
}

function subjectOf({ host, workloads }: TabProps["subject"]): Pick<TracesSearch, "workload" | "service"> {
  if (host !== undefined) return { service: host };
  return { workload: workloads.map((id) => id.replace(/^workload\//, "")).join(",") };
}
