import type { TrafficSearch } from "./search.ts";
import { shownOf } from "./search.ts";

/** The command that prints what the graph of an address shows. */
export function graphCommand(namespaces: readonly string[], window: number, search: TrafficSearch): string {
  const shown = shownOf(search.show);
  const parts = ["weft graph"];
  if (namespaces.length > 0) parts.push(`--namespaces ${namespaces.join(",")}`);
  if (window !== 60) parts.push(`--window ${window}s`);
  if (search.type) parts.push(`--type ${search.type}`);
  for (const option of ["services", "operations", "noise"] as const) if (shown.has(option)) parts.push(`--${option}`);
  if (search.moment !== undefined) parts.push(`--at ${new Date(search.moment).toISOString()}`);
  return parts.join(" ");
}
