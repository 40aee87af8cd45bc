/** Lower-case full names without a final dot → addresses; a name may begin with `*.`. */
export type Names = ReadonlyMap<string, readonly string[]>;

/** Names as clients know them that do not see all. */
export interface NameView {
  /** Addresses that they ask from. */
  readonly clients: readonly string[];
  readonly names: Names;
}

/** Addresses of a name, or of the closest wildcard above it; undefined when the mesh does not know it. */
export function lookUp(names: Names, name: string): readonly string[] | undefined {
  const key = name.toLowerCase().replace(/\.$/, "");
  const exact = names.get(key);
  if (exact !== undefined) return exact;
  for (let dot = key.indexOf("."); dot >= 0; dot = key.indexOf(".", dot + 1)) {
    const wild = names.get(`*${key.slice(dot)}`);
    if (wild !== undefined) return wild;
  }
  return undefined;
}
