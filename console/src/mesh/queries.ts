import { queryOptions } from "@tanstack/react-query";
import type { Infrastructure } from "../../../src/api/contract/overview.ts";
import { get } from "../api/client.ts";

export const infrastructureQuery = queryOptions({
  queryKey: ["mesh", "infrastructure"],
  queryFn: ({ signal }) => get<Infrastructure>("infrastructure", signal),
});
