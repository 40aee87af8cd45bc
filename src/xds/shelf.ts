/** Bytes of requests that have begun and are not whole, over all streams of one address. */
const MOST_OF_ONE = 64 * 1024 * 1024;
/** And of all. */
const MOST = 512 * 1024 * 1024;

/** Where the beginnings of one address's requests lie. */
export interface Shelf {
  /** Takes so many bytes more, or gives them back. False, and nothing changes, where there is no room. */
  change(bytes: number): boolean;
}

export interface Shelves {
  /** The shelf of a peer's address: all of its connections and streams share one. */
  of(address: string): Shelf;
}

/** Bounds what peers can make us hold by beginning requests: each by itself, and all together. */
export function createShelves(mostOfOne = MOST_OF_ONE, most = MOST): Shelves {
  const held = new Map<string, number>();
  let all = 0;
  return {
    of: (address) => ({
      change(bytes) {
        const own = (held.get(address) ?? 0) + bytes;
        if (bytes > 0 && (own > mostOfOne || all + bytes > most)) return false;
        all += bytes;
        if (own > 0) held.set(address, own);
        else held.delete(address);
        return true;
      },
    }),
  };
}
