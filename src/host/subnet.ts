/** An IPv4 range as number and prefix length. */
export interface Range {
  readonly base: number;
  readonly bits: number;
}

/** `10.77.0.0/16` (a plain address counts as /32); undefined for anything that is not IPv4. */
export function parseRange(text: string): Range | undefined {
  const match = /^(\d+)\.(\d+)\.(\d+)\.(\d+)(?:\/(\d+))?$/.exec(text);
  if (!match) return undefined;
  const bytes = match.slice(1, 5).map(Number);
  const bits = match[5] === undefined ? 32 : Number(match[5]);
  if (bytes.some((b) => b > 255) || bits > 32) return undefined;
  const address = bytes.reduce((sum, b) => sum * 256 + b, 0);
  return { base: bits === 0 ? 0 : (address & (-1 << (32 - bits))) >>> 0, bits };
}

export function overlaps(a: Range, b: Range): boolean {
  const bits = Math.min(a.bits, b.bits);
  return bits === 0 || a.base >>> (32 - bits) === b.base >>> (32 - bits);
}

/** The nth address of a range, dotted. */
export function addressIn(range: Range, n: number): string {
  const address = range.base + n;
  return [24, 16, 8, 0].map((shift) => (address >>> shift) & 255).join(".");
}

/** A /16 out of 10/8 that none of `taken` touches, beginning the search at `seed`; undefined when all are taken. */
export function freeRange(taken: readonly Range[], seed: number): Range | undefined {
  for (let i = 0; i < 256; i++) {
    const range = { base: ((10 << 24) | (((seed + i) & 255) << 16)) >>> 0, bits: 16 };
    if (!taken.some((t) => overlaps(t, range))) return range;
  }
  return undefined;
}

/** Addresses 1 to 255 of a mesh's /16 are the machine's own (the bridge, the source of probes); Pods begin at 256. */
export const firstPod = 256;
export const lastPod = 65_534;
