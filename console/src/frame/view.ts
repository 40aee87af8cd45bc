import { getRouteApi } from "@tanstack/react-router";
import { useMemo } from "react";
import type { Pace } from "../api/pace.ts";

/** Time ranges on offer, in seconds back from now. */
export const windows = [
  { seconds: 60, label: "1m", words: "last minute" },
  { seconds: 300, label: "5m", words: "last 5 minutes" },
  { seconds: 900, label: "15m", words: "last 15 minutes" },
  { seconds: 3600, label: "1h", words: "last hour" },
  { seconds: 21_600, label: "6h", words: "last 6 hours" },
  { seconds: 86_400, label: "1d", words: "last day" },
] as const;

/** How often a page may be asked for again. */
export const paces = [
  { pace: "live", label: "Live", words: "as the mesh changes" },
  { pace: 5, label: "5s", words: "every 5 seconds" },
  { pace: 10, label: "10s", words: "every 10 seconds" },
  { pace: 15, label: "15s", words: "every 15 seconds" },
  { pace: 30, label: "30s", words: "every 30 seconds" },
  { pace: 60, label: "1m", words: "every minute" },
  { pace: 300, label: "5m", words: "every 5 minutes" },
  { pace: "off", label: "Paused", words: "only when asked to" },
] as const satisfies readonly { readonly pace: Pace; readonly label: string; readonly words: string }[];

/** What every page's address carries: which namespaces, how far back, how often again. Absent is the default: all, a minute, as the mesh changes. */
export interface ViewSearch {
  readonly ns?: string | undefined;
  readonly window?: number | undefined;
  readonly refresh?: Pace | undefined;
}

/** Reads the address; what makes no sense there is as if absent. */
export function readView(search: Readonly<Record<string, unknown>>): ViewSearch {
  const window = windows.find((w) => w.seconds === Number(search["window"]) && w.seconds !== 60)?.seconds;
  const ns = typeof search["ns"] === "string" && search["ns"] !== "" ? search["ns"] : undefined;
  const refresh = paces.find((p) => String(p.pace) === String(search["refresh"]) && p.pace !== "live")?.pace;
  return {
    ...(ns === undefined ? {} : { ns }),
    ...(window === undefined ? {} : { window }),
    ...(refresh === undefined ? {} : { refresh }),
  };
}

const root = getRouteApi("__root__");

/** The chosen namespaces (none: all) and the window in seconds. */
export function useView(): { readonly namespaces: readonly string[]; readonly window: number } {
  const { ns, window = 60 } = root.useSearch() as ViewSearch;
  const namespaces = useMemo(() => (ns ? ns.split(",") : []), [ns]);
  return { namespaces, window };
}

/** How often this page is to be asked for again. */
export function usePace(): Pace {
  return (root.useSearch() as ViewSearch).refresh ?? "live";
}

/** Whether something of this namespace is to be shown. */
export function shows(namespaces: readonly string[], namespace: string): boolean {
  return namespaces.length === 0 || namespaces.includes(namespace);
}
