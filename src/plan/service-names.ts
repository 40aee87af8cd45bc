import { isSubnet } from "./listener/subnet.ts";
import type { Service } from "./service.ts";

/** Names that mean a service from anywhere, and its addresses. */
export function fullNames({ host, addresses }: Service): readonly string[] {
  const plain = addresses.filter((a) => !isSubnet(a)).map((a) => a.split("/")[0] ?? a);
  return [host, ...plain.map((a) => (a.includes(":") ? `[${a}]` : a))];
}

/** What a Pod's resolver makes full. */
export function shortNames({ host, name, namespace, kind }: Service, local: boolean): readonly string[] {
  if (kind !== "Service" || !host.startsWith(`${name}.${namespace}.svc.`)) return [];
  return [`${name}.${namespace}`, `${name}.${namespace}.svc`, ...(local ? [name] : [])];
}

/** Without a port a URL means 80. */
export function withPort(name: string, port: number): readonly string[] {
  return port === 80 ? [`${name}:80`, name] : [`${name}:${port}`];
}
