import { useDebouncedValue } from "@mantine/hooks";
import { useQuery } from "@tanstack/react-query";
import type { DraftAnswer } from "../../../../src/api/contract/edit.ts";
import { draftQuery } from "./queries.ts";

/** A pause in typing after which the draft is looked at, in milliseconds. */
const pause = 250;

export interface DraftState {
  readonly answer: DraftAnswer | undefined;
  /** Whether the answer is about the text as it stands. */
  readonly current: boolean;
  readonly error: Error | null;
}

/** What the control plane says of a text, a moment after it was typed. */
export function useDraft(text: string): DraftState {
  const [settled] = useDebouncedValue(text, pause);
  const { data, error, isPlaceholderData } = useQuery(draftQuery(settled));
  return { answer: data, current: settled === text && data !== undefined && !isPlaceholderData, error };
}
