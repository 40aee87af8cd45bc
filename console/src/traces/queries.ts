import { keepPreviousData, queryOptions } from "@tanstack/react-query";
import type { Series } from "../../../src/api/contract/series.ts";
import type { Trace, TraceList } from "../../../src/api/contract/traces.ts";
import { get } from "../api/client.ts";
import { repeated } from "../api/pace.ts";
import { questionOf, type TracesSearch } from "./search.ts";

type Asked = Pick<TracesSearch, "workload" | "service" | "edge" | "failed" | "min" | "max" | "tag">;

/** Traces of the last `window` seconds. Spans come a few seconds after their requests. */
export function tracesQuery(asked: Asked, namespaces: readonly string[], window: number) {
  const { workload, service, edge, failed, min, max, tag } = asked;
  return queryOptions({
    queryKey: ["traces", { workload, service, edge, failed, min, max, tag }, namespaces, window],
    queryFn: ({ signal }) => {
      const to = Date.now();
      return get<TraceList>(`traces?${questionOf(asked, namespaces, to - window * 1000, to)}`, signal);
    },
    placeholderData: keepPreviousData,
    refetchInterval: () => repeated(5000),
  });
}

export function traceQuery(id: string) {
  return queryOptions({
    queryKey: ["traces", "one", id],
    queryFn: ({ signal }) => get<Trace>(`traces/${encodeURIComponent(id)}`, signal),
  });
}

export interface Usual {
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
}

/** Around a span: this long before it, and after. */
const aroundMs = 5 * 60_000;

/** How long requests to a node took in the ten minutes around a moment, as metrics have it; null where nothing was measured. */
export function usualQuery(node: string, at: number) {
  const minute = Math.round(at / 60_000) * 60_000;
  return queryOptions({
    queryKey: ["graph", "usual", node, minute],
    queryFn: async ({ signal }): Promise<Usual | null> => {
      const ask = async (metric: string) => {
        const query = new URLSearchParams({
          node,
          metric,
          from: String(minute - aroundMs),
          to: String(minute + aroundMs),
        });
        query.set("step", String((2 * aroundMs) / 1000));
        const { points } = await get<Series>(`series?${query}`, signal);
        return points.findLast(([, value]) => value !== null)?.[1] ?? undefined;
      };
      const [p50, p95, p99] = await Promise.all(["p50", "p95", "p99"].map(ask));
      return p50 === undefined || p95 === undefined || p99 === undefined ? null : { p50, p95, p99 };
    },
    staleTime: 30_000,
  });
}
