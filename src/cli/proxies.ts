import type { ProxySummary } from "../api/cli-contract.ts";
import { closest } from "../std/closest.ts";
import type { ApiClient } from "./client.ts";
import { CliError, exitCodes } from "./exit.ts";

/** The proxies that a control plane knows. */
export async function proxiesOf(client: ApiClient): Promise<readonly ProxySummary[]> {
  return (await client.get<{ readonly items: readonly ProxySummary[] }>("proxies")).items;
}

/** A proxy by `pod.namespace`, or by its pod's or workload's name where only one is called so. */
export function findProxy(all: readonly ProxySummary[], word: string): ProxySummary {
  const exact = all.find((p) => p.id === word || `${p.namespace}/${p.pod}` === word);
  if (exact !== undefined) return exact;
  const bare = word.replace(/^(pod|po|deployment|deploy|workload)\//, "");
  const pods = all.filter((p) => p.pod === bare);
  const found =
    pods.length > 0
      ? pods
      : all.filter((p) => p.workload === bare || `${p.workload}.${p.namespace}` === bare || p.id === bare);
  const [first] = found;
  if (first === undefined) throw new CliError(exitCodes.notFound, `there is no proxy ${word}`, nearest(all, bare));
  if (found.length > 1 && pods.length > 1)
    throw new CliError(exitCodes.conflict, `several proxies are named ${word}`, `add the namespace: ${list(found)}`);
  return first;
}

function nearest(all: readonly ProxySummary[], word: string): string {
  if (all.length === 0) return "no proxy has connected yet";
  const meant = closest(word, [...new Set(all.flatMap((p) => [p.workload, p.pod, p.id]))]);
  return meant === undefined ? `there are: ${list(all)}` : `did you mean ${meant}?`;
}

function list(proxies: readonly ProxySummary[]): string {
  const shown = proxies.slice(0, 8).map((p) => p.id);
  return proxies.length > 8 ? `${shown.join(", ")} and ${proxies.length - 8} more` : shown.join(", ");
}
