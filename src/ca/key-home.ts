/** Where an authority keeps its keys: a folder that only its owner reads (`PrivateFiles`), or a Secret. */
export interface KeyHome {
  /** The text under a name; undefined when there is none. Throws when it cannot be read. */
  read(name: string): string | undefined | Promise<string | undefined>;
  /** Keeps a text under a name that has none. Answers what is kept from now on: where several start at once, the first one's. */
  create(name: string, text: string): string | Promise<string>;
  /** What people call the place of a name: `/state/ca/root.pem`, `Secret istio-system/weft-ca, key root.pem`. */
  path(name: string): string;
}
