import type { Resource } from "../../model/resource.ts";
import { Addresses, parseRange } from "../addresses.ts";
import { defaultRanges, hostsToAddress } from "../virtual-addresses.ts";

interface Entry {
  readonly createdAt: number;
  /** Hosts that need an address. */
  readonly hosts: readonly string[];
  /** Addresses that the object has by itself. */
  readonly own: readonly string[];
}

/**
 * Addresses for hosts of ServiceEntries that have none. They follow from the objects alone: a hash of the name and, where two meet, the older one's
 * right to it. So every replica gives the same ones, before and after a restart, and nothing need be written down.
 */
export class EntryAddresses {
  readonly #entries = new Map<string, Entry>();
  readonly #given = new Map<string, string>();
  #addresses = new Addresses(parseRange(defaultRanges.serviceEntries));
  #dirty = false;

  put(key: string, entry: Resource): void {
    const { createdAt } = entry;
    const next = { createdAt, hosts: hostsToAddress(entry), own: ownAddresses(entry) };
    if (JSON.stringify(next) === JSON.stringify(this.#entries.get(key))) return;
    this.#entries.set(key, next);
    this.#dirty = true;
  }

  remove(key: string): void {
    this.#dirty = this.#entries.delete(key) || this.#dirty;
  }

  /** Keys of the entries whose addresses are others than at the last call. */
  settle(): readonly string[] {
    if (!this.#dirty) return [];
    this.#dirty = false;
    const addresses = new Addresses(parseRange(defaultRanges.serviceEntries));
    const ordered = [...this.#entries].sort(([a, x], [b, y]) => x.createdAt - y.createdAt || (a < b ? -1 : 1));
    for (const [key, { own }] of ordered) for (const ip of own) addresses.hold(`${key} ${ip}`, ip);
    for (const [key, { hosts }] of ordered) for (const host of hosts) addresses.take(`${key}/${host}`);
    this.#addresses = addresses;
    for (const key of this.#given.keys()) if (!this.#entries.has(key)) this.#given.delete(key);
    return ordered.flatMap(([key]) => {
      const now = JSON.stringify(this.#of(key));
      if (now === (this.#given.get(key) ?? "[]")) return [];
      this.#given.set(key, now);
      return [key];
    });
  }

  /** The object with its addresses, as `settle` gave them. */
  assign(key: string, entry: Resource): Resource {
    const addresses = this.#of(key);
    if (addresses.length === 0) return entry;
    return Object.freeze({ ...entry, status: { ...(entry.status as object | undefined), addresses } });
  }

  #of(key: string): readonly { readonly host: string; readonly value: string }[] {
    return (this.#entries.get(key)?.hosts ?? []).flatMap((host) => {
      const value = this.#addresses.take(`${key}/${host}`);
      return value === undefined ? [] : [{ host, value }];
    });
  }
}

function ownAddresses({ spec, status }: Resource): readonly string[] {
  const said = (spec as { readonly addresses?: readonly string[] }).addresses ?? [];
  const given =
    (status as { readonly addresses?: readonly { readonly value?: string }[] } | undefined)?.addresses ?? [];
  return [...said, ...given.flatMap(({ value }) => value ?? [])];
}
