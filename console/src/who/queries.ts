import { queryOptions } from "@tanstack/react-query";
import type { Session } from "../../../src/api/contract/session.ts";
import { get } from "../api/client.ts";

/** Who is logged in here, and how to. */
export const sessionQuery = queryOptions({
  queryKey: ["session"],
  queryFn: ({ signal }) => get<Session>("session", signal),
  refetchInterval: 60_000,
});
