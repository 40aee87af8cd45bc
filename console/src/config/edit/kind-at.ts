/** What the document of a text of YAML that has a place says it is. */
export interface KindAt {
  readonly apiVersion: string | undefined;
  readonly kind: string | undefined;
}

/** Kind and version of the document around `offset`, as far as they are written. */
export function kindAt(text: string, offset: number): KindAt {
  const begin = text.lastIndexOf("\n---", offset);
  const next = text.indexOf("\n---", offset);
  const document = text.slice(begin < 0 ? 0 : begin + 4, next < 0 ? text.length : next);
  const value = (name: string) => new RegExp(`^${name}:[ ]*["']?([^\\s"'#]+)`, "m").exec(document)?.[1];
  return { apiVersion: value("apiVersion"), kind: value("kind") };
}
