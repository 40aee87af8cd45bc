import { useMutation, useQueryClient } from "@tanstack/react-query";
import type { ApplyAnswer } from "../../../../src/api/contract/apply.ts";
import { applyText, deleteText, takeBack } from "./queries.ts";

export interface Writing {
  readonly answer: ApplyAnswer | undefined;
  readonly error: Error | null;
  readonly busy: boolean;
  /** Resolves with true when nothing was refused. */
  readonly write: (textOrId: string) => Promise<boolean>;
  readonly clear: () => void;
}

const ways = { apply: applyText, delete: deleteText, takeBack };

/** Writes a text of objects, takes them away, or (of its id) a change back; afterwards everything about configuration is asked anew. */
export function useWriting(what: keyof typeof ways): Writing {
  const client = useQueryClient();
  const { data, error, isPending, mutateAsync, reset } = useMutation({
    mutationFn: ways[what],
    // What was deleted is not asked for again: the page that showed it is left.
    onSettled: () =>
      client.invalidateQueries({
        queryKey: ["config"],
        predicate: ({ queryKey }) => what !== "delete" || queryKey[1] !== "detail",
      }),
  });
  return {
    answer: data,
    error,
    busy: isPending,
    write: (text) =>
      mutateAsync(text).then(
        (answer) => answer.objects.every((o) => o.outcome !== "refused"),
        () => false,
      ),
    clear: reset,
  };
}
