import { TemplateError } from "./syntax.ts";

/** Text between actions, or an action's tokens. */
export type Piece =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "action"; readonly at: string; readonly tokens: readonly Token[] };

export interface Token {
  readonly kind: "string" | "number" | "word" | "path" | "mark";
  readonly text: string;
}

const comment = /\{\{(-\s)?\/\*[\s\S]*?\*\/(\s-)?\}\}/y;
const opening = /\{\{(-\s)?/y;
const closing = /\s*?(\s-)?\}\}/y;
const tokens: readonly (readonly [Token["kind"], RegExp])[] = [
  ["string", /"(?:[^"\\\n]|\\.)*"|`[^`]*`/y],
  ["number", /-?\d+(?:\.\d+)?/y],
  ["path", /\$?(?:\.[A-Za-z_]\w*)+|\$\w*(?:\.[A-Za-z_]\w*)*|\./y],
  ["word", /[A-Za-z_]\w*/y],
  ["mark", /:=|[()|=,]/y],
];

/** Cuts a template into text and actions, white space trimmed as its dashes say. Throws TemplateError. */
export function lex(file: string, source: string): readonly Piece[] {
  const pieces: Piece[] = [];
  let trims = false;
  let from = 0;
  while (from < source.length) {
    const open = source.indexOf("{{", from);
    const end = open < 0 ? source.length : open;
    const mark = at(comment, source, end) ?? at(opening, source, end);
    let text = source.slice(from, end);
    if (trims) text = text.replace(/^\s+/, "");
    if (mark?.[1]) text = text.replace(/\s+$/, "");
    if (text !== "") pieces.push({ kind: "text", text });
    if (mark === undefined) break;
    from = end + mark[0].length;
    trims = Boolean(mark[2]);
    if (mark[0].endsWith("}}")) continue;
    const place = `${file}:${source.slice(0, end).split("\n").length}`;
    const action = lexAction(place, source, from);
    pieces.push({ kind: "action", at: place, tokens: action.tokens });
    from = action.end;
    trims = action.trims;
  }
  return pieces;
}

function lexAction(place: string, source: string, start: number) {
  const found: Token[] = [];
  for (let from = start; ; ) {
    const close = at(closing, source, from);
    if (close !== undefined) return { tokens: found, end: from + close[0].length, trims: Boolean(close[1]) };
    const space = at(/\s+/y, source, from);
    if (space !== undefined) from += space[0].length;
    const token = next(source, from);
    if (token === undefined)
      throw new TemplateError(place, `cannot read ${JSON.stringify(source.slice(from, from + 20))}`);
    found.push(token);
    from += token.text.length;
  }
}

function next(source: string, from: number): Token | undefined {
  for (const [kind, pattern] of tokens) {
    const match = at(pattern, source, from);
    if (match !== undefined) return { kind, text: match[0] };
  }
  return undefined;
}

function at(pattern: RegExp, source: string, from: number): RegExpExecArray | undefined {
  pattern.lastIndex = from;
  return pattern.exec(source) ?? undefined;
}
