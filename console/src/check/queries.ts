import { queryOptions } from "@tanstack/react-query";
import type { CheckAnswer } from "../../../src/api/contract/check.ts";
import { get } from "../api/client.ts";

/** Looked at again on its own every ten seconds, as everything is. */
export const checkQuery = queryOptions({
  queryKey: ["mesh", "check"],
  queryFn: ({ signal }) => get<CheckAnswer>("check", signal),
});
