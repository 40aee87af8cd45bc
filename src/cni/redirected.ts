import { existsSync } from "node:fs";

/** Which of a node's addresses belong to namespaces whose traffic is redirected. */
export interface Redirected {
  add(netns: string, addresses: readonly string[]): void;
  /** Where an address is no longer in a redirected namespace, or never was, or nobody knows: false. */
  has(address: string): boolean;
}

/** Kept in memory alone: whoever begins looks into the namespaces once. */
export function redirectedAddresses(exists: (path: string) => boolean = existsSync): Redirected {
  const byAddress = new Map<string, string>();
  return {
    add(netns, addresses) {
      for (const address of addresses) byAddress.set(address, netns);
    },
    has(address) {
      const netns = byAddress.get(address);
      if (netns === undefined) return false;
      // Names of namespaces are not used twice.
      if (exists(netns)) return true;
      byAddress.delete(address);
      return false;
    },
  };
}
