import { useQueryClient } from "@tanstack/react-query";
import { useMemo } from "react";
import type { Knowledge } from "./completion.ts";
import { namesFor } from "./names-for.ts";
import { factsQuery, schemaQuery, schemasQuery } from "./queries.ts";

/** What completion asks the control plane; an answer that does not come offers nothing. */
export function useKnowledge(): Knowledge {
  const client = useQueryClient();
  return useMemo(
    () => ({
      kinds: () => client.ensureQueryData(schemasQuery).catch(() => []),
      schema: (apiVersion, kind) => client.ensureQueryData(schemaQuery(apiVersion, kind)).catch(() => undefined),
      names: (path) =>
        client.ensureQueryData(factsQuery).then(
          (facts) => namesFor(path, facts),
          () => [],
        ),
    }),
    [client],
  );
}
