import { queryOptions } from "@tanstack/react-query";
import { AnswerError } from "../api/client.ts";
import { repeated } from "../api/pace.ts";
import { type LogLine, type LogSource, linesOf } from "./lines.ts";

/** The last lines of one container of a Pod, `reviews-v1-0.default`. */
export function logQuery(pod: string, source: LogSource, tail: number) {
  return queryOptions({
    queryKey: ["logs", pod, source, tail],
    queryFn: async ({ signal }): Promise<readonly LogLine[]> => {
      const address = new URL(
        `api/v1/logs/${encodeURIComponent(pod)}?container=${source}&tail=${tail}`,
        document.baseURI,
      );
      const response = await fetch(address, { signal });
      if (!response.ok) throw new AnswerError(response.status, await response.json());
      return linesOf(await response.text(), pod, source);
    },
    refetchInterval: () => repeated(3000),
    retry: false,
  });
}
