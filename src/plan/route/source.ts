import type { VirtualServiceRules } from "./rules.ts";

/** The client that sends the request. */
export interface Source {
  readonly namespace: string;
  readonly labels: Readonly<Record<string, string>>;
}

/** The part of a rule that selects clients; the same in HTTP, TLS and TCP matches. */
export interface SourceMatch {
  readonly gateways?: readonly string[];
  readonly sourceLabels?: Readonly<Record<string, string>>;
  readonly sourceNamespace?: string;
  readonly port?: number;
}

/**
 * Whether a match is meant for a proxy. As in Istio, a match that names gateways ignores its source labels.
 * `gateways` are the names that count: `mesh` for a sidecar, `namespace/name` of the Gateways that a router serves.
 */
export function appliesTo(
  match: SourceMatch | undefined,
  { gateways, source, port }: { readonly gateways: readonly string[]; readonly source: Source; readonly port: number },
): boolean {
  if (match === undefined) return true;
  if (match.port && match.port !== port) return false;
  if (match.gateways !== undefined && match.gateways.length > 0)
    return match.gateways.some((name) => gateways.includes(name));
  if (Object.entries(match.sourceLabels ?? {}).some(([key, value]) => source.labels[key] !== value)) return false;
  return !match.sourceNamespace || match.sourceNamespace === source.namespace;
}

/** What the rules of a VirtualService ask of clients, so that clients that do not differ in it share a table. */
export interface SourceMentions {
  /** Label → values, both sorted. */
  readonly labels: readonly (readonly [string, readonly string[]])[];
  readonly namespaces: readonly string[];
}

/** All labels and namespaces of clients that the rules mention. */
export function sourceMentions(rules: VirtualServiceRules): SourceMentions {
  const labels = new Map<string, Set<string>>();
  const namespaces = new Set<string>();
  const all: readonly { readonly match?: readonly SourceMatch[] }[] = [
    ...rules.http.map((r) => r.http),
    ...rules.tcp,
    ...rules.tls,
  ];
  for (const match of all.flatMap((rule) => rule.match ?? [])) {
    if (match.sourceNamespace) namespaces.add(match.sourceNamespace);
    for (const [key, value] of Object.entries(match.sourceLabels ?? {}))
      labels.set(key, (labels.get(key) ?? new Set()).add(value));
  }
  return {
    labels: [...labels].map(([key, values]) => [key, [...values].sort()] as const).sort(([a], [b]) => (a < b ? -1 : 1)),
    namespaces: [...namespaces].sort(),
  };
}

/** The client as far as these mentions can tell it from others; its labels are sorted. */
export function projectSource(source: Source, mentions: readonly SourceMentions[]): Source {
  const labels = new Map<string, string>();
  for (const [key, values] of mentions.flatMap((m) => m.labels)) {
    const value = source.labels[key];
    if (value !== undefined && values.includes(value)) labels.set(key, value);
  }
  const told = mentions.some((m) => m.namespaces.includes(source.namespace));
  return {
    namespace: told ? source.namespace : "",
    labels: Object.fromEntries([...labels].sort(([a], [b]) => (a < b ? -1 : 1))),
  };
}
