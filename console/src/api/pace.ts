import type { QueryClient } from "@tanstack/react-query";

/** How often what is on the page is asked for again: as the mesh changes, never, or every so many seconds. */
export type Pace = "live" | "off" | number;

/** Events say what to ask for again; asking anyway, this often, mends a lost event. */
const anyway = 10_000;

let pace: Pace = "live";

/** The pace of the page's questions. */
export function currentPace(): Pace {
  return pace;
}

/** @returns milliseconds until a question is asked again at the page's pace; false: not. @param live how long while the page follows the mesh. */
export function repeated(live: number = anyway): number | false {
  if (pace === "off") return false;
  return pace === "live" ? live : pace * 1000;
}

/** Another pace from now on, for whoever waits for their next answer as well. */
export function setPace(client: QueryClient, next: Pace): void {
  if (next === pace) return;
  const quicker = next === "live";
  pace = next;
  for (const query of client.getQueryCache().getAll())
    for (const observer of query.observers) observer.setOptions(observer.options);
  if (quicker) void client.invalidateQueries();
}

/** Asks at once for all that is on the page, whatever the pace. */
export function refreshNow(client: QueryClient): Promise<void> {
  return client.invalidateQueries();
}
