import { keepPreviousData, queryOptions } from "@tanstack/react-query";
import type { Overview } from "../../../src/api/contract/overview.ts";
import { get } from "../api/client.ts";

/** @param namespaces none: all of them. @param window seconds back from now. */
export function overviewQuery(namespaces: readonly string[], window: number) {
  const query = new URLSearchParams({ window: String(window) });
  if (namespaces.length > 0) query.set("namespaces", namespaces.join(","));
  return queryOptions({
    queryKey: ["workloads", "overview", namespaces, window],
    queryFn: ({ signal }) => get<Overview>(`overview?${query}`, signal),
    placeholderData: keepPreviousData,
  });
}
