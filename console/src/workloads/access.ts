import type { AccessItem } from "../../../src/api/contract/access.ts";

/** Entries of one kind, the latest first, and what they are. */
export interface AccessGroup {
  readonly words: string;
  readonly items: readonly AccessItem[];
}

const kinds: readonly (readonly [words: string, of: readonly AccessItem["what"][]])[] = [
  ["Refused", ["denied"]],
  ["A dry run would refuse", ["dry-run"]],
  ["In plaintext, which is let in", ["plaintext"]],
  ["In plaintext, where only mutual TLS is taken", ["unmatched"]],
];

/** The most rows of one kind: the rest is for the command line. */
const most = 8;

/** What is worth a look, kind by kind; empty kinds are left out. */
export function groupsOf(entries: readonly AccessItem[]): readonly AccessGroup[] {
  return kinds.flatMap(([words, of]) => {
    const items = entries
      .filter(({ what }) => of.includes(what))
      .toSorted((a, b) => b.last - a.last)
      .slice(0, most);
    return items.length === 0 ? [] : [{ words, items }];
  });
}

/** `shop/cart` by its ServiceAccount; a Pod without a certificate by its workload, else its address. */
export function callerOf({ source: { identity, workload, address } }: Pick<AccessItem, "source">): string {
  if (identity === undefined) return workload ?? address ?? "somebody";
  const [, namespace, account] = /^spiffe:\/\/[^/]+\/ns\/([^/]+)\/sa\/([^/]+)$/.exec(identity) ?? [];
  return namespace === undefined ? identity : `${namespace}/sa/${account}`;
}
