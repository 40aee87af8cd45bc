import { useMutation, useQueryClient } from "@tanstack/react-query";
import type { ApplyAnswer } from "../../../../src/api/contract/apply.ts";
import { applyText, deleteText } from "./queries.ts";

export interface Writing {
  readonly answer: ApplyAnswer | undefined;
  readonly error: Error | null;
  readonly busy: boolean;
  /** Resolves with true when nothing was refused. */
  readonly write: (text: string) => Promise<boolean>;
  readonly clear: () => void;
}

/** Writes a text of objects, or takes them away; afterwards everything about configuration is asked anew. */
export function useWriting(what: "apply" | "delete"): Writing {
  const client = useQueryClient();
  const { data, error, isPending, mutateAsync, reset } = useMutation({
    mutationFn: what === "apply" ? applyText : deleteText,
    // What was deleted is not asked for again: the page that showed it is left.
    onSettled: () =>
      client.invalidateQueries({
        queryKey: ["config"],
        predicate: ({ queryKey }) => what === "apply" || queryKey[1] !== "detail",
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
