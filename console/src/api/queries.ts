import { keepPreviousData, QueryClient, queryOptions } from "@tanstack/react-query";
import type { Access } from "../../../src/api/contract/access.ts";
import type { ConfigDetail, ConfigObject, Finding } from "../../../src/api/contract/config.ts";
import type { Graph } from "../../../src/api/contract/graph.ts";
import type { Mesh } from "../../../src/api/contract/mesh.ts";
import type { Problem } from "../../../src/api/contract/problems.ts";
import type { Series } from "../../../src/api/contract/series.ts";
import type { Workload } from "../../../src/api/contract/workloads.ts";
import { AnswerError, get } from "./client.ts";
import { currentPace, repeated } from "./pace.ts";

/** What is shown of a node or an edge over time. */
export type Metric = "rate" | "errors" | "p50" | "p95" | "p99" | "bytes";

/** One client for the page. A control plane that is away is asked again by the event stream (see live.ts), not by retries. */
export function newQueryClient(): QueryClient {
  return new QueryClient({
    defaultOptions: {
      queries: {
        staleTime: 1000,
        refetchInterval: () => repeated(),
        refetchOnWindowFocus: () => currentPace() !== "off",
        retry: (failures, error) => error instanceof AnswerError && error.status >= 500 && failures < 2,
        networkMode: "always",
      },
    },
  });
}

export const meshQuery = queryOptions({ queryKey: ["mesh"], queryFn: ({ signal }) => get<Mesh>("mesh", signal) });

export const workloadsQuery = queryOptions({
  queryKey: ["workloads"],
  queryFn: ({ signal }) => get<readonly Workload[]>("workloads", signal),
});

export const configQuery = queryOptions({
  queryKey: ["config"],
  queryFn: ({ signal }) => get<readonly ConfigObject[]>("config", signal),
});

export const diagnosticsQuery = queryOptions({
  queryKey: ["config", "diagnostics"],
  queryFn: ({ signal }) => get<readonly Finding[]>("diagnostics", signal),
});

export const problemsQuery = queryOptions({
  queryKey: ["graph", "problems"],
  queryFn: ({ signal }) => get<readonly Problem[]>("problems", signal),
});

/** What proxies told of requests to one workload. */
export function accessQuery(namespace: string, workload: string) {
  const query = new URLSearchParams({ namespace, workload });
  return queryOptions({
    queryKey: ["access", namespace, workload],
    queryFn: ({ signal }) => get<Access>(`access?${query}`, signal),
  });
}

/** @param namespaces none: all of them. @param window seconds back from now. */
export function graphQuery(namespaces: readonly string[], window: number) {
  const query = new URLSearchParams({ window: String(window) });
  if (namespaces.length > 0) query.set("namespaces", namespaces.join(","));
  return queryOptions({
    queryKey: ["graph", namespaces, window],
    queryFn: ({ signal }) => get<Graph>(`graph?${query}`, signal),
    placeholderData: keepPreviousData,
  });
}

/** @param namespace `-` for an object without one. */
export function configDetailQuery(type: string, namespace: string, name: string) {
  const path = [type, namespace, name].map(encodeURIComponent).join("/");
  return queryOptions({
    queryKey: ["config", "detail", type, namespace, name],
    queryFn: ({ signal }) => get<ConfigDetail>(`config/${path}`, signal),
  });
}

/** How a node of the graph is to be read, and until when its history is wanted. */
export interface SeriesView {
  /** Milliseconds since the epoch; absent: now. */
  readonly until?: number;
  /** The graph's type where it is not that of workloads. */
  readonly type?: string;
  readonly services?: "true";
  readonly operations?: "true";
}

/** The last `window` seconds of one metric, in about sixty points. */
export function seriesQuery(
  of: { readonly node: string } | { readonly edge: string },
  metric: Metric,
  window: number,
  { until, ...lens }: SeriesView = {},
) {
  const id: Readonly<Record<string, string>> = { ...of, ...lens };
  return queryOptions({
    queryKey: ["graph", "series", id, metric, window, until],
    queryFn: ({ signal }) => {
      const to = until ?? Date.now();
      const step = Math.max(5, Math.round(window / 60));
      const query = new URLSearchParams({
        ...id,
        metric,
        from: String(to - window * 1000),
        to: String(to),
        step: String(step),
      });
      return get<Series>(`series?${query}`, signal);
    },
    placeholderData: keepPreviousData,
  });
}
