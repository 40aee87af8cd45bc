import type { Trust, TrustedDomain } from "./trust.ts";

/** Roots that a mesh trusts beside its own, in PEM. */
export interface MoreTrust {
  /** For each trust domain. */
  readonly everywhere: readonly string[];
  /** For single ones. */
  readonly byDomain: ReadonlyMap<string, readonly string[]>;
}

/**
 * What proxies verify their peers against. Where roots are given for single trust domains each domain is told which roots may vouch for it: for the
 * mesh's own all of its own roots, for an alias with roots of its own those alone, for any other alias the mesh's.
 */
export function withMore(trust: Trust, own: string, aliases: readonly string[], more: MoreTrust): Trust {
  const roots = [...new Set([...trust.roots, ...more.everywhere])];
  if (more.byDomain.size === 0) return { ...trust, roots };
  const names = [...new Set([own, ...aliases, ...more.byDomain.keys()])];
  const domains = names.map((name): TrustedDomain => {
    const given = more.byDomain.get(name);
    const isOwn = name === own || given === undefined;
    const all = [...(isOwn ? trust.roots : []), ...(given ?? []), ...more.everywhere];
    // Whoever is verified by a root of the mesh's is looked up in its lists.
    return { name, roots: [...new Set(all)], ...(isOwn && trust.lists ? { lists: trust.lists.pem } : {}) };
  });
  return { ...trust, roots, domains };
}
