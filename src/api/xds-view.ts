import type { TypeStatus } from "./state.ts";

/** One type on one stream, as xds/ tells it (`Session.status()`). */
export interface StreamType {
  readonly typeUrl: string;
  /** How many names were asked for. */
  readonly names: number;
  readonly wildcard: boolean;
  readonly state: "synced" | "sending" | "rejected";
  readonly rejected: readonly {
    readonly resource: { readonly name: string; readonly origins: readonly string[] };
    readonly error: string;
  }[];
  readonly lastSentAt?: number;
  readonly lastAckAt?: number;
}

/** What a proxy shall have, as xds/ has it: type URL → resources by name. */
export type SharedConfig = ReadonlyMap<string, SharedSet>;

interface SharedSet {
  readonly resources: ReadonlyMap<string, { readonly origins: readonly string[] }>;
}

/** A stream with its proxy's configuration. */
export interface Stream {
  readonly config: SharedConfig;
  readonly types: readonly StreamType[];
  /** What the proxy said of one resource: `sent` is a version that it has not taken. */
  readonly resource: (typeUrl: string, name: string) => { readonly sent?: string } | undefined;
}

const shortNames: Readonly<Record<string, string>> = {
  Cluster: "CDS",
  Listener: "LDS",
  ClusterLoadAssignment: "EDS",
  RouteConfiguration: "RDS",
  ScopedRouteConfiguration: "SRDS",
  Secret: "SDS",
  TypedExtensionConfig: "ECDS",
  VirtualHost: "VHDS",
  Runtime: "RTDS",
};

/** `CDS` of `type.googleapis.com/envoy.config.cluster.v3.Cluster`. */
export function shortName(typeUrl: string): string {
  const message = typeUrl.slice(typeUrl.lastIndexOf(".") + 1);
  return shortNames[message] ?? message;
}

/** The states of a stream's types for `ProxyStatus.types`. A type that nothing was sent of is left out. */
export function typesOf(types: readonly StreamType[], config: SharedConfig): ReadonlyMap<string, TypeStatus> {
  const found = new Map<string, TypeStatus>();
  for (const type of types) {
    const have = config.get(type.typeUrl)?.resources.size ?? 0;
    // A proxy that connects again has what it had: nothing is sent, and it is in sync all the same.
    if (type.lastSentAt === undefined && (type.state !== "synced" || have === 0)) continue;
    const sent = type.wildcard ? have : Math.min(type.names, Math.max(have, 1));
    const missing = type.state === "synced" ? 0 : Math.max(1, type.rejected.length);
    const [first] = type.rejected;
    const origins = [...new Set(type.rejected.flatMap((r) => r.resource.origins))];
    found.set(shortName(type.typeUrl), {
      sent: Math.max(sent, missing),
      acked: Math.max(0, Math.max(sent, missing) - missing),
      ...(first ? { error: first.error, origins } : {}),
    });
  }
  return found;
}

/** When a stream last acknowledged anything. */
export function lastAck(types: readonly StreamType[]): number | undefined {
  const times = types.flatMap((t) => (t.lastAckAt === undefined ? [] : [t.lastAckAt]));
  return times.length > 0 ? Math.max(...times) : undefined;
}

/** Origin → how many proxies hold something made of it, and how many of them have taken all of that. For `MeshState.holders`. */
export function holdersOf(
  streams: readonly Stream[],
): ReadonlyMap<string, { readonly total: number; readonly acked: number }> {
  const holders = new Map<string, { total: number; acked: number }>();
  for (const stream of streams) {
    const synced = new Set(stream.types.filter((t) => t.state === "synced").map((t) => t.typeUrl));
    const taken = new Map<string, boolean>();
    for (const [typeUrl, set] of stream.config) {
      for (const [origin, names] of originsOf(set)) {
        if (taken.get(origin) === false) continue;
        const here = synced.has(typeUrl) || names.every((name) => isTaken(stream, typeUrl, name));
        taken.set(origin, here);
      }
    }
    for (const [origin, all] of taken) {
      const one = holders.get(origin) ?? { total: 0, acked: 0 };
      holders.set(origin, { total: one.total + 1, acked: one.acked + (all ? 1 : 0) });
    }
  }
  return holders;
}

/** A resource that the proxy never asked for is not waited for. */
function isTaken(stream: Stream, typeUrl: string, name: string): boolean {
  return stream.resource(typeUrl, name)?.sent === undefined;
}

/** Sets are shared by proxies and never change, so that each is read once. */
const known = new WeakMap<SharedSet, ReadonlyMap<string, readonly string[]>>();

function originsOf(set: SharedSet): ReadonlyMap<string, readonly string[]> {
  const before = known.get(set);
  if (before) return before;
  const found = new Map<string, string[]>();
  for (const [name, { origins }] of set.resources) {
    for (const origin of origins) {
      const names = found.get(origin);
      if (names) names.push(name);
      else found.set(origin, [name]);
    }
  }
  known.set(set, found);
  return found;
}
