import { keepPreviousData, queryOptions } from "@tanstack/react-query";
import type {
  ApplicationItem,
  ExternalItem,
  GatewayItem,
  NamespaceItem,
  ServiceItem,
} from "../../../src/api/contract/inventory.ts";
import { get } from "../api/client.ts";

/** @param window seconds back from now that rates are of. */
export function listQuery<T>(path: string) {
  return (window: number) =>
    queryOptions({
      queryKey: ["workloads", path, window],
      queryFn: ({ signal }) => get<readonly T[]>(`${path}?window=${window}`, signal),
      placeholderData: keepPreviousData,
    });
}

export const namespacesQuery = listQuery<NamespaceItem>("namespaces");
export const servicesQuery = listQuery<ServiceItem>("services");
export const applicationsQuery = listQuery<ApplicationItem>("applications");
export const gatewaysQuery = listQuery<GatewayItem>("gateways");
export const externalsQuery = listQuery<ExternalItem>("externals");
