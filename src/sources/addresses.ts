import { createHash } from "node:crypto";

/** A range of IPv4 addresses, `10.96.0.0/16`. */
export interface Range {
  readonly base: number;
  /** How many addresses it has. */
  readonly size: number;
}

/** Parses an IPv4 CIDR of /8 to /30; throws on anything else, since a range is the program's own setting. */
export function parseRange(cidr: string): Range {
  const match = /^(\d+)\.(\d+)\.(\d+)\.(\d+)\/(\d+)$/.exec(cidr);
  const parts = match?.slice(1).map(Number) ?? [];
  const bits = parts[4] ?? 0;
  if (!match || parts.slice(0, 4).some((p) => p > 255) || bits < 8 || bits > 30) {
    throw new Error(`${cidr}: not an IPv4 range of /8 to /30; write for example 10.96.0.0/16`);
  }
  const size = 2 ** (32 - bits);
  const address = parts.slice(0, 4).reduce((n, p) => n * 256 + p, 0);
  return { base: address - (address % size), size };
}

/**
 * Hands out addresses of a range by name: a stable hash of the name, then probing. An address is not given again while it is held.
 * The same names, asked for in the same order, get the same addresses after a restart.
 */
export class Addresses {
  readonly #range: Range;
  readonly #byName = new Map<string, string>();
  readonly #holders = new Map<string, string>();

  constructor(range: Range) {
    this.#range = range;
  }

  /** The address of `name`, given now if it has none; undefined where the range is exhausted. */
  take(name: string): string | undefined {
    const held = this.#byName.get(name);
    if (held !== undefined) return held;
    // The first and the last address of a range are left alone, as networks do.
    const usable = this.#range.size - 2;
    const start = createHash("sha256").update(name).digest().readUInt32BE(0) % usable;
    for (let probe = 0; probe < usable; probe++) {
      const address = format(this.#range.base + 1 + ((start + probe) % usable));
      if (this.#holders.has(address)) continue;
      this.hold(name, address);
      return address;
    }
    return undefined;
  }

  /** Notes that `name` holds an address that it names itself; what it was given before is free again. */
  hold(name: string, address: string): void {
    this.release(name);
    this.#byName.set(name, address);
    if (!this.#holders.has(address)) this.#holders.set(address, name);
  }

  /** Frees what `name` holds. */
  release(name: string): void {
    const address = this.#byName.get(name);
    if (address === undefined) return;
    this.#byName.delete(name);
    if (this.#holders.get(address) === name) this.#holders.delete(address);
  }
}

function format(address: number): string {
  return [24, 16, 8, 0].map((shift) => (address >>> shift) & 255).join(".");
}
