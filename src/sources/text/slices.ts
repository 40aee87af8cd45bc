/** One document of a YAML stream, as text. */
export interface Slice {
  readonly text: string;
  /** Line of the stream (from 1) on which `text` begins. */
  readonly line: number;
}

/**
 * Cuts a stream at its `---` lines, as kubectl does, so that a document that does not parse harms itself alone.
 * A slice begins with its own `---`. Slices without content (blank, comments) are left out; directives stay with the document that follows.
 */
export function splitDocuments(text: string): Slice[] {
  const slices: Slice[] = [];
  let start = 0;
  let startLine = 1;
  let line = 1;
  for (let at = 0; at < text.length; ) {
    if (at > start && isMarker(text, at) && !isDirectives(text.slice(start, at))) {
      add(slices, text.slice(start, at), startLine);
      start = at;
      startLine = line;
    }
    const end = text.indexOf("\n", at);
    if (end < 0) break;
    at = end + 1;
    line++;
  }
  add(slices, text.slice(start), startLine);
  return slices;
}

function isMarker(text: string, at: number): boolean {
  if (!text.startsWith("---", at)) return false;
  const next = text[at + 3];
  return next === undefined || next === "\n" || next === "\r" || next === " " || next === "\t";
}

function isDirectives(text: string): boolean {
  return text.startsWith("%") && text.split("\n").every((line) => /^\s*(#|%|$)/.test(line));
}

function add(slices: Slice[], text: string, line: number): void {
  const hasContent = text
    .split("\n")
    .some((l, i) => !/^\s*(#|$)/.test(i === 0 ? l.replace(/^---(?=\s|$)/, "") : l) && !/^\.\.\.\s*$/.test(l));
  if (hasContent) slices.push({ text, line });
}
