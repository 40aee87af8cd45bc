import type { Plan } from "./client-state.ts";
import type { ResourceSet, XdsResource } from "./resource.ts";
import { TYPE } from "./type-url.ts";

/** The client reported a version of its own: it runs something whose body is not known here. */
export const UNKNOWN = Symbol("unknown");

/** What the client runs of a name while a newer version is unanswered or refused; undefined when it has none. */
export type Former = XdsResource | typeof UNKNOWN | undefined;

/** Its version; "" when it has none, or none that is known here. */
export function versionOf(former: Former): string {
  return former === undefined || former === UNKNOWN ? "" : former.version;
}

/** Envoy cuts its words off at some 4 kB, and says so. */
const TRUNCATED = "(truncated)";

/** A response that is not answered yet. */
export interface InFlight {
  readonly nonce: string;
  readonly changed: readonly XdsResource[];
  readonly removed: readonly string[];
  /** Past this moment it no longer holds up what comes after it. Milliseconds since the epoch. */
  readonly overdueAt: number;
  /** What the client had before, for names whose version it is not known to have left. */
  readonly before: ResourceSet;
  /** It takes back what an earlier response said. */
  readonly withdrawal: boolean;
  /** When to ask what is wrong if it is still not answered. Milliseconds since the epoch. */
  readonly doubtAt: number;
}

/** A part of a response that is sent alone, to find out what was refused. */
export interface Part {
  readonly names: readonly string[];
  /** What the client had before the response. */
  readonly before: ResourceSet;
  /** Not what should be there is sent, but what was. */
  readonly withdrawal: boolean;
}

/**
 * What to send after a refusal; the last comes first. Of clusters Envoy takes each that is good and names the others (`Error adding/updating
 * cluster(s) NAME: why, NAME: why`): those are tried alone. Of other types each half is.
 */
export function partsOf(typeUrl: string, { changed, before }: InFlight, words: string): readonly Part[] {
  const part = (of: readonly XdsResource[], withdrawal = false): readonly Part[] =>
    of.length > 0 ? [{ names: of.map(({ name }) => name), before, withdrawal }] : [];
  const clusters = typeUrl === TYPE.cluster;
  // A refused cluster may be waited for all the same: sent again it would count as unchanged and be acknowledged, and the next good one would
  // never be. So it is taken back before anything else is sent.
  if (changed.length <= 1) return part(clusters ? changed : [], true);
  const named = clusters ? changed.filter((one) => words.includes(` ${one.name}: `)) : [];
  if (named.length === 0) {
    const middle = Math.ceil(changed.length / 2);
    return [...part(changed.slice(middle)), ...part(changed.slice(0, middle))];
  }
  const others = changed.filter((one) => !named.includes(one));
  const suspects = words.endsWith(TRUNCATED) ? changed : named;
  return [...named.flatMap((one) => part([one])), ...part(others), ...part(suspects, true)];
}

/** What was there before. What is not known cannot be sent. */
export function withdrawalOf(names: readonly string[], former: (name: string) => Former): Plan {
  const formers = names.map((name): [string, Former] => [name, former(name)]);
  return {
    changed: formers.flatMap(([, was]) => (was === undefined || was === UNKNOWN ? [] : [was])),
    removed: [],
    // Told as what does not exist: a removal that waits for nothing.
    absent: formers.flatMap(([name, was]) => (was === undefined ? [name] : [])),
  };
}

/** Whether the client asked for the endpoints of a cluster; undefined when it need not. */
export type AskedEndpoints = (cluster: XdsResource) => boolean | undefined;

/**
 * Which clusters of a response that is not answered may be the ones that Envoy refused and yet waits for. One that it refuses while it makes
 * the load balancer never comes so far as to ask for endpoints; a new one that did ask is only slow.
 */
export function unansweredSuspects(
  clusters: readonly XdsResource[],
  former: (name: string) => Former,
  asked: AskedEndpoints,
): readonly XdsResource[] {
  const certain = clusters.filter((cluster) => asked(cluster) === false);
  if (certain.length > 0) return certain;
  return clusters.filter((cluster) => asked(cluster) === undefined || former(cluster.name) !== undefined);
}
