import { useMutation, useQueryClient } from "@tanstack/react-query";
import type { ApplyAnswer } from "../../../../src/api/contract/apply.ts";
import { type Draft, type Restorable, restore, takeBack, writeText } from "./queries.ts";

export interface Writing<What = string> {
  readonly answer: ApplyAnswer | undefined;
  readonly error: Error | null;
  readonly busy: boolean;
  /** Resolves with true when it is written, and nothing was refused. */
  readonly write: (what: What) => Promise<boolean>;
  readonly clear: () => void;
}

/** Writes a text of objects, or takes them away; afterwards everything about configuration is asked anew. */
export function useWriting(what: "apply" | "delete"): Writing<Draft> {
  return useChange((draft) => writeText(what, draft), what === "delete");
}

/** Takes a change back, of its id. */
export function useTakingBack(): Writing {
  return useChange(takeBack, false);
}

/** Brings back one object that was deleted. */
export function useRestoring(): Writing<Restorable> {
  return useChange(restore, false);
}

/** @param leaves what was changed is not asked for again: the page that showed it is left. */
function useChange<What>(mutationFn: (what: What) => Promise<ApplyAnswer>, leaves: boolean): Writing<What> {
  const client = useQueryClient();
  const { data, error, isPending, mutateAsync, reset } = useMutation({
    mutationFn,
    onSettled: () =>
      client.invalidateQueries({
        queryKey: ["config"],
        predicate: ({ queryKey }) => !leaves || queryKey[1] !== "detail",
      }),
  });
  return {
    answer: data,
    error,
    busy: isPending,
    write: (what) =>
      mutateAsync(what).then(
        (answer) => !answer.dryRun && answer.objects.every((o) => o.outcome !== "refused"),
        () => false,
      ),
    clear: reset,
  };
}
