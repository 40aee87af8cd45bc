/** Whether a host pattern (`*`, `*.example.com` or a name) covers a host, which may be a pattern itself. Case does not count. */
export function hostMatches(pattern: string, host: string): boolean {
  const p = pattern.toLowerCase();
  const h = host.toLowerCase();
  if (p === "*" || p === h) return true;
  if (p.startsWith("*")) return h.length >= p.length - 1 && h.endsWith(p.slice(1));
  return false;
}

/** Orders patterns from the most to the least specific: names before wildcards, longer wildcards before shorter ones. */
export function bySpecificity(a: string, b: string): number {
  const wildA = a.startsWith("*");
  const wildB = b.startsWith("*");
  if (wildA !== wildB) return wildA ? 1 : -1;
  if (a.length !== b.length) return b.length - a.length;
  return a < b ? -1 : a > b ? 1 : 0;
}
