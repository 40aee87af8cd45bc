import { isIPv6 } from "node:net";
import { networkInterfaces } from "node:os";
import type { Discovery } from "../discovery/discovery.ts";
import type { Clock } from "../std/clock.ts";
import type { Log } from "../std/log.ts";
import type { TlsMaterial } from "../xds/listener.ts";
import { ports } from "./cluster-ports.ts";
import { askHeld, type HeldAt, replicaAddresses } from "./peers.ts";
import type { Renewal } from "./server-certificate.ts";

const everyMs = 2000;

export interface ReplicasOptions {
  readonly discovery: Discovery;
  readonly namespace: string;
  readonly certificate: Renewal;
  /** What this replica listens on, where that is no address of the machine's interfaces. */
  readonly own: string;
  readonly clock: Clock;
  readonly log: Log;
}

/** What the other replicas' proxies hold, as far as they said lately. */
export interface Replicas {
  held(): readonly HeldAt[];
  /** Hears of each change; the answer ends it. They are asked for as long as somebody listens. */
  onChange(listener: () => void): () => void;
  stop(): void;
}

export function otherReplicas({ discovery, namespace, certificate, own, clock, log }: ReplicasOptions): Replicas {
  const listeners = new Set<() => void>();
  let answers: readonly HeldAt[] = [];
  let told = "[]";
  let tls: TlsMaterial = certificate.first;
  let cancel = () => {};
  let stopped = false;
  certificate.follow((next) => {
    tls = next;
  });
  const look = async () => {
    const addresses = listeners.size === 0 ? [] : replicaAddresses(discovery, namespace, ownAddresses(own));
    const asked = await Promise.allSettled(addresses.map((address) => askHeld(urlOf(address), tls)));
    for (const one of asked)
      if (one.status === "rejected") log.debug("another replica does not answer", { error: String(one.reason) });
    answers = asked.flatMap((one) => (one.status === "fulfilled" ? [one.value] : []));
    const now = JSON.stringify(answers.map((one) => [...one]));
    if (now !== told) for (const listener of listeners) listener();
    told = now;
    if (!stopped) cancel = clock.after(everyMs, () => void look());
  };
  cancel = clock.after(everyMs, () => void look());
  return {
    held: () => answers,
    onChange(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    stop() {
      stopped = true;
      cancel();
    },
  };
}

function ownAddresses(own: string): ReadonlySet<string> {
  return new Set([
    own,
    ...Object.values(networkInterfaces()).flatMap((all) => all?.map(({ address }) => address) ?? []),
  ]);
}

function urlOf(address: string): string {
  return `https://${isIPv6(address) ? `[${address}]` : address}:${ports.xds}`;
}
