import { queryOptions } from "@tanstack/react-query";
import type { CodeMeaning } from "../../../src/api/contract/codes.ts";
import { get } from "../api/client.ts";

/** What a code means; that does not change while the page is open. */
export const codeQuery = (code: string) =>
  queryOptions({
    queryKey: ["codes", code],
    queryFn: ({ signal }) => get<CodeMeaning>(`codes/${encodeURIComponent(code)}`, signal),
    staleTime: Number.POSITIVE_INFINITY,
  });
