import type { Access, AccessItem } from "../../api/contract/access.ts";
import { parseSpiffeId } from "../../model/identity.ts";
import type { ApiClient } from "../client.ts";
import { CliError, exitCodes } from "../exit.ts";
import type { Session } from "../session.ts";

/** What all replicas of the control plane were told, of one namespace and, in it, one workload. The same from two of them stands twice. */
export async function readAccess(session: Session, wanted: Wanted): Promise<Access> {
  const query = { namespace: wanted.namespace, workload: wanted.workload };
  const answers = await Promise.all((await clientsOf(session)).map((c) => c.get<Access>("access", query)));
  const [first] = answers;
  if (first === undefined) throw new CliError(exitCodes.unreachable, "no control plane answers");
  return {
    now: first.now,
    // Who began last has seen least.
    since: Math.max(...answers.map((a) => a.since)),
    dropped: {
      records: answers.reduce((sum, a) => sum + a.dropped.records, 0),
      messages: answers.reduce((sum, a) => sum + a.dropped.messages, 0),
    },
    entries: answers.flatMap((a) => a.entries),
  };
}

/** Every replica of the control plane. */
export async function clientsOf(session: Session): Promise<readonly ApiClient[]> {
  const where = await session.where();
  if (!("choice" in where)) return [await session.client()];
  const { clusterApis } = await import("../kube/cluster-api.ts");
  return (await clusterApis(where, session.deps.interrupted, session.options.timeoutMs)).map(({ client }) => client);
}

/** Whose requests are meant. */
export interface Wanted {
  readonly namespace?: string;
  readonly workload?: string;
}

/** `shop`, `shop/cart`, or a workload's name with `-n`. `isNamespace` tells the first from the last. */
export function wantedOf(
  target: string | undefined,
  namespace: string | undefined,
  isNamespace: (name: string) => boolean,
): Wanted {
  if (target === undefined) return namespace === undefined ? {} : { namespace };
  const [first = "", second] = target.replace(/^deployment\//, "").split("/");
  if (second !== undefined) return { namespace: first, workload: second };
  if (namespace === undefined && isNamespace(first)) return { namespace: first };
  return { namespace: namespace ?? "default", workload: first };
}

/** A caller in words: `shop/cart` by its ServiceAccount, `shop/cart (10.0.0.7)` or an address where it showed no certificate. */
export function callerOf({ source }: Pick<AccessItem, "source">): string {
  const { identity, workload, address } = source;
  if (identity === undefined) return workload === undefined ? (address ?? "somebody") : `${workload} (${address})`;
  const known = parseSpiffeId(identity);
  return known === undefined ? identity : `${known.namespace}/sa/${known.serviceAccount}`;
}

/** `3 s ago`, `12 min ago`. */
export function ago(now: number, then: number): string {
  const seconds = Math.max(0, Math.round((now - then) / 1000));
  if (seconds < 120) return `${seconds} s ago`;
  if (seconds < 7200) return `${Math.round(seconds / 60)} min ago`;
  return `${Math.round(seconds / 3600)} h ago`;
}
