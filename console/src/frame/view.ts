import { getRouteApi } from "@tanstack/react-router";
import { useMemo } from "react";

/** Time ranges on offer, in seconds back from now. */
export const windows = [
  { seconds: 60, label: "1m", words: "last minute" },
  { seconds: 300, label: "5m", words: "last 5 minutes" },
  { seconds: 900, label: "15m", words: "last 15 minutes" },
  { seconds: 3600, label: "1h", words: "last hour" },
  { seconds: 21_600, label: "6h", words: "last 6 hours" },
  { seconds: 86_400, label: "1d", words: "last day" },
] as const;

/** What every page's address carries: which namespaces and how far back. Absent is the default: all, a minute. */
export interface ViewSearch {
  readonly ns?: string | undefined;
  readonly window?: number | undefined;
}

/** Reads the address; what makes no sense there is as if absent. */
export function readView(search: Readonly<Record<string, unknown>>): ViewSearch {
  const window = windows.find((w) => w.seconds === Number(search["window"]) && w.seconds !== 60)?.seconds;
  const ns = typeof search["ns"] === "string" && search["ns"] !== "" ? search["ns"] : undefined;
  return { ...(ns === undefined ? {} : { ns }), ...(window === undefined ? {} : { window }) };
}

const root = getRouteApi("__root__");

/** The chosen namespaces (none: all) and the window in seconds. */
export function useView(): { readonly namespaces: readonly string[]; readonly window: number } {
  const { ns, window = 60 } = root.useSearch() as ViewSearch;
  const namespaces = useMemo(() => (ns ? ns.split(",") : []), [ns]);
  return { namespaces, window };
}

/** Whether something of this namespace is to be shown. */
export function shows(namespaces: readonly string[], namespace: string): boolean {
  return namespaces.length === 0 || namespaces.includes(namespace);
}
