/** Where an authority keeps its keys: a folder that only its owner reads (`PrivateFiles`), or a Secret. */
export interface KeyHome {
  /** The text under a name; undefined when there is none. Throws when it cannot be read. */
  read(name: string): string | undefined | Promise<string | undefined>;
  /**
   * Puts `next` in the place of `before` (undefined: of nothing). Where something else is there by now it stays. Answers what is kept from now
   * on: where several write at once, the first one's.
   */
  replace(name: string, before: string | undefined, next: string): string | Promise<string>;
  /** What people call the place of a name: `/state/ca/root.pem`, `Secret istio-system/weft-ca, key root.pem`. */
  path(name: string): string;
}
