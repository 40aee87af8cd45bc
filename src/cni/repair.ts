import type { Log } from "../std/log.ts";
import type { NetworkNamespaces } from "./namespace.ts";
import { addressesToRedirect, type PodObject } from "./node-pod.ts";
import type { PodWords } from "./pod-words.ts";
import type { Redirected } from "./redirected.ts";

/** What is done about a Pod that got in without redirection. */
export const repairs = ["redirect", "delete", "none"] as const;
export type Repair = (typeof repairs)[number];

export interface RepairOptions {
  readonly repair: Exclude<Repair, "none">;
  readonly excludeNamespaces: readonly string[];
  readonly namespaces: NetworkNamespaces;
  readonly redirected: Redirected;
  readonly rules: (annotations: Readonly<Record<string, string>>) => string;
  readonly words: PodWords;
  readonly log: Log;
}

/**
 * Looks after Pods that started while the plugin was not in the node's chain, such as on a node that has just joined. Each Pod is told to it when
 * it appears and when it changes. Pods are looked after one by one. Rejects where it cannot tell.
 */
export function repairer(options: RepairOptions): (pod: PodObject) => Promise<void> {
  let last = Promise.resolve();
  return (pod) => {
    const done = last.then(() => look(pod, options));
    last = done.catch(() => {});
    return done;
  };
}

async function look(pod: PodObject, options: RepairOptions): Promise<void> {
  const { namespaces, redirected } = options;
  const addresses = addressesToRedirect(pod, options.excludeNamespaces);
  if (addresses.length === 0 || addresses.some((address) => redirected.has(address))) return;
  const netns = await namespaceWith(addresses, namespaces);
  if (netns === undefined) return;
  if (!(await namespaces.hasRules(netns))) await mend(pod, netns, options);
  else redirected.add(netns, addresses);
}

async function mend(pod: PodObject, netns: string, options: RepairOptions): Promise<void> {
  const { repair, words, log } = options;
  const said =
    "Its traffic was not redirected into its sidecar when it started: Weft's CNI plugin was not on this node yet.";
  if (repair === "delete") {
    await words.tell(pod, "NotRedirected", `${said} It is deleted, so that its controller makes it anew.`);
    await words.remove(pod);
    log.warn("a Pod was not redirected: deleted", { pod: nameOf(pod) });
    return;
  }
  await options.namespaces.load(netns, options.rules(pod.metadata.annotations ?? {}));
  options.redirected.add(netns, addressesToRedirect(pod, options.excludeNamespaces));
  log.warn("a Pod was not redirected: it is now", { pod: nameOf(pod) });
  await words.tell(pod, "RedirectedLate", `${said} It is now; connections made before stay as they were.`);
}

async function namespaceWith(addresses: readonly string[], namespaces: NetworkNamespaces): Promise<string | undefined> {
  for (const path of await namespaces.all()) {
    // One that goes away meanwhile is nobody's.
    const place = await namespaces.place(path).catch(() => undefined);
    const found = place === undefined ? [] : await namespaces.addresses(place).catch(() => []);
    if (found.some((address) => addresses.includes(address))) return place;
  }
  return undefined;
}

function nameOf({ metadata }: PodObject): string {
  return `${metadata.namespace}/${metadata.name}`;
}
