import { keepPreviousData, queryOptions, useQuery } from "@tanstack/react-query";
import { useSearch } from "@tanstack/react-router";
import type { Graph } from "../../../src/api/contract/graph.ts";
import { get } from "../api/client.ts";
import type { SeriesView } from "../api/queries.ts";
import { useView } from "../frame/view.ts";
import { readTrafficSearch, shownOf, type TrafficSearch } from "./search.ts";

/** What of the address the server answers to. */
export type Asked = Pick<TrafficSearch, "type" | "show" | "moment" | "expand">;

/** The query of the graph's address on the API. */
export function askedQuery(namespaces: readonly string[], window: number, asked: Asked): URLSearchParams {
  const query = new URLSearchParams({ window: String(window) });
  const shown = shownOf(asked.show);
  if (namespaces.length > 0) query.set("namespaces", namespaces.join(","));
  if (asked.type) query.set("type", asked.type);
  for (const option of ["services", "operations", "noise"] as const) if (shown.has(option)) query.set(option, "true");
  if (asked.expand) query.set("expand", asked.expand);
  if (asked.moment !== undefined) query.set("at", String(asked.moment));
  return query;
}

/** The graph that an address shows. A moment of the past does not change any more. */
export function trafficQuery(namespaces: readonly string[], window: number, asked: Asked) {
  const query = askedQuery(namespaces, window, asked).toString();
  const past = asked.moment !== undefined;
  return queryOptions({
    queryKey: [past ? "graph-past" : "graph", namespaces, window, query],
    queryFn: ({ signal }) => get<Graph>(`graph?${query}`, signal),
    placeholderData: keepPreviousData,
    ...(past ? { staleTime: Number.POSITIVE_INFINITY, refetchInterval: false as const, gcTime: 30_000 } : {}),
  });
}

/** The address of the traffic page, wherever on it. */
export function useTrafficSearch(): TrafficSearch {
  return readTrafficSearch(useSearch({ strict: false }) as Record<string, unknown>);
}

/** The graph of this address, whole: nothing is hidden. */
export function useTraffic() {
  const { namespaces, window } = useView();
  return useQuery(trafficQuery(namespaces, window, useTrafficSearch()));
}

/** How charts read the nodes and edges of this address. */
export function useSeriesView(): SeriesView {
  const { type, show, moment } = useTrafficSearch();
  const shown = shownOf(show);
  return {
    ...(type ? { type } : {}),
    ...(shown.has("services") ? { services: "true" } : {}),
    ...(shown.has("operations") ? { operations: "true" } : {}),
    ...(moment === undefined ? {} : { until: moment }),
  };
}
