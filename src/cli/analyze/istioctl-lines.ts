/** How istioctl counts the lines of one document of a text. */
interface CountedDocument {
  /** Its first line as istioctl says it, from 1. */
  readonly first: number;
  /** How many lines too many istioctl adds to a field's line. */
  readonly shift: number;
  /** Its last line. */
  readonly last: number;
}

/**
 * How istioctl counts the documents of a text, document by document. It takes a `---` that ends no document (the first line of a file, say) for a
 * part of the next one, whose first line it takes to be a later one: the fields below are then told as many lines too far down.
 * Source: istio/istio pilot/pkg/config/file/util/kubeyaml/kubeyaml.go.
 */
function countedDocuments(text: string): readonly CountedDocument[] {
  const lines = text.split(/\r?\n/);
  const found: CountedDocument[] = [];
  let start = 0; // The index of the first line that is kept.
  let first: number | undefined;
  const end = (last: number) => {
    const line = first ?? start;
    const begun = lines.findIndex((text, i) => i >= start && text.trim() !== "");
    found.push({ first: line + 1, shift: line - Math.max(begun, start), last });
    first = undefined;
  };
  for (const [i, line] of lines.entries()) {
    if (first === undefined && line !== "" && line !== "---") first = i;
    if (!/^---\s*$/.test(line) || i === start) continue;
    end(i);
    start = i + 1;
  }
  end(lines.length);
  return found;
}

/** The document that a line is in. */
export function documentOf(text: string, line: number): CountedDocument {
  return countedDocuments(text).find(({ last }) => line <= last) ?? { first: 1, shift: 0, last: line };
}
