import { useNavigate, useSearch } from "@tanstack/react-router";
import { useCallback } from "react";

/** What the address of a detail carries beside the list's own: the tab, and whatever that tab keeps there. */
export interface DetailSearch {
  readonly tab?: string | undefined;
}

/** Reads the address of a detail. Other words stay: they are the tab's own, which reads them by `useAddressed`. */
export function readDetail(search: Readonly<Record<string, unknown>>): DetailSearch {
  const { tab, ...own } = search;
  return { ...own, ...(typeof tab === "string" && tab !== "overview" ? { tab } : {}) };
}

/**
 * A word of a tab's state that stands in the address, so that a link leads to the exact state.
 * @param name of its own in the whole address: `logfilter`.
 */
export function useAddressed(name: string): readonly [string | undefined, (value: string | undefined) => void] {
  const search = useSearch({ strict: false }) as Readonly<Record<string, unknown>>;
  const navigate = useNavigate();
  const value = search[name];
  const set = useCallback(
    (next: string | undefined) =>
      void navigate({ to: ".", replace: true, search: (before) => ({ ...before, [name]: next || undefined }) }),
    [navigate, name],
  );
  return [value === undefined ? undefined : String(value), set];
}
