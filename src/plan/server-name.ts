/**
 * Hosts as server names that a proxy can tell TLS apart by: whole names and `*.example.com`. Empty means any (one of the hosts is `*`);
 * undefined that none of the hosts can be told (`*example.com`).
 */
export function serverNames(hosts: readonly string[]): readonly string[] | undefined {
  if (hosts.length === 0 || hosts.includes("*")) return [];
  const names = hosts.map((host) => host.toLowerCase()).filter((host) => /^(\*\.)?[^*]+$/.test(host));
  return names.length === 0 ? undefined : [...new Set(names)];
}
