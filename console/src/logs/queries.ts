import { keepPreviousData, queryOptions } from "@tanstack/react-query";
import type { LogLevels } from "../../../src/api/contract/log-levels.ts";
import { AnswerError, get } from "../api/client.ts";
import { repeated } from "../api/pace.ts";
import { type LogLine, type LogSource, linesOf } from "./lines.ts";
import type { LogsSearch } from "./search.ts";

/** What a log is asked for beside its lines' number. */
export type LogFilter = Pick<LogsSearch, "logshow" | "loghide" | "logregex" | "logpause">;

/** Between two looks: those that search read the whole log each time. */
const [everyMs, everySearchMs] = [2000, 5000];

/** Where a log is read or, whole, downloaded. */
export function logAddress(pod: string, source: LogSource, query: Readonly<Record<string, string>>): URL {
  const address = new URL(`api/v1/logs/${encodeURIComponent(pod)}`, document.baseURI);
  for (const [name, value] of Object.entries({ container: source, ...query })) address.searchParams.set(name, value);
  return address;
}

/** The last lines of one container of a Pod, `reviews-v1-0.default`, of those that are wanted. The server searches: patterns are RE2's. */
export function logQuery(pod: string, source: LogSource, tail: number, filter: LogFilter) {
  const { logshow, loghide, logregex, logpause } = filter;
  const query = {
    tail: String(tail),
    ...(logshow === undefined ? {} : { show: logshow }),
    ...(loghide === undefined ? {} : { hide: loghide }),
    ...(logregex ? { regex: "" } : {}),
  };
  const searches = logshow !== undefined || loghide !== undefined;
  return queryOptions({
    queryKey: ["logs", pod, source, query],
    queryFn: async ({ signal }): Promise<readonly LogLine[]> => {
      const response = await fetch(logAddress(pod, source, query), { signal });
      if (!response.ok) throw new AnswerError(response.status, await response.json());
      return linesOf(await response.text(), pod, source);
    },
    placeholderData: keepPreviousData,
    refetchInterval: () => (logpause ? false : repeated(searches ? everySearchMs : everyMs)),
    staleTime: logpause ? Number.POSITIVE_INFINITY : 0,
    retry: false,
  });
}

/** How much a proxy's loggers write. */
export function logLevelsQuery(proxy: string) {
  return queryOptions({
    queryKey: ["log-levels", proxy],
    queryFn: ({ signal }) => get<LogLevels>(`proxies/${encodeURIComponent(proxy)}/log-levels`, signal),
    retry: false,
  });
}
