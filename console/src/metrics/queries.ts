import { keepPreviousData, queryOptions } from "@tanstack/react-query";
import type { GroupedSeries } from "../../../src/api/contract/metrics.ts";
import { get } from "../api/client.ts";
import type { Subject } from "../detail/subject.ts";

export interface MetricsQuestion {
  readonly subject: Subject;
  readonly direction: "inbound" | "outbound";
  readonly metric: string;
  readonly by: string;
  /** Empty: the server's report, and the client's of what never reached one. */
  readonly reporter: string;
  /** Seconds back from now. */
  readonly window: number;
}

/** Nodes in one question: the server takes no more. */
const most = 500;

export function metricsQuery({ subject, direction, metric, by, reporter, window }: MetricsQuestion) {
  const nodes = subject.workloads.slice(0, most).join(",");
  const of = subject.host !== undefined && direction === "inbound" ? { host: subject.host } : { nodes };
  return queryOptions({
    queryKey: ["graph", "metrics", of, direction, metric, by, reporter, window],
    queryFn: ({ signal }) => {
      const to = Date.now();
      const query = new URLSearchParams({
        ...of,
        direction,
        metric,
        by,
        ...(reporter === "" ? {} : { reporter }),
        from: String(to - window * 1000),
        to: String(to),
        step: String(Math.max(5, Math.round(window / 120))),
      });
      return get<GroupedSeries>(`metrics?${query}`, signal);
    },
    placeholderData: keepPreviousData,
  });
}
