import { useQuery } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";
import { useMemo } from "react";
import { shows, useView } from "../frame/view.ts";
import type { listQuery } from "./queries.ts";

/** What a list of things in namespaces shows: those of the chosen namespaces, and which of them is open beside it (`namespace/name`). */
export function useListed<T extends { readonly namespace: string }>(listed: ReturnType<typeof listQuery<T>>) {
  const { namespaces, window } = useView();
  const query = useQuery(listed(window));
  const { namespace, name } = useParams({ strict: false });
  const { data } = query;
  const rows = useMemo(() => data?.filter((row) => shows(namespaces, row.namespace)), [data, namespaces]);
  return { query, rows, namespaces, selected: name === undefined ? undefined : `${namespace}/${name}` };
}
