/** A piece of a Find or Hide expression, and where it begins. */
export interface Token {
  readonly kind: "open" | "close" | "not" | "operator" | "word" | "quoted";
  readonly text: string;
  readonly at: number;
}

/** What is wrong with an expression, and at which letter. */
export class FindError extends Error {
  readonly at: number;

  constructor(message: string, at: number) {
    super(message);
    this.name = "FindError";
    this.at = at;
  }
}

const piece =
  /\s+|"([^"]*)"|!\*=|!\^=|!\$=|!=|>=|<=|\*=|\^=|\$=|[=<>]|[()!]|[^\s()!=<>"*^$]+(?:[*^$](?!=)[^\s()!=<>"*^$]*)*|[*^$]/gy;

/** Splits an expression. @throws FindError */
export function tokensOf(text: string): readonly Token[] {
  const tokens: Token[] = [];
  piece.lastIndex = 0;
  while (piece.lastIndex < text.length) {
    const at = piece.lastIndex;
    const found = piece.exec(text);
    if (!found) throw new FindError('a text in quotes ends with "', at);
    const [whole, quoted] = found;
    if (quoted !== undefined) tokens.push({ kind: "quoted", text: quoted, at });
    else if (whole.trim() !== "") tokens.push({ kind: kindOf(whole), text: whole, at });
  }
  return tokens;
}

function kindOf(text: string): Token["kind"] {
  if (text === "(") return "open";
  if (text === ")") return "close";
  if (text === "!") return "not";
  return /[=<>]$/.test(text) ? "operator" : "word";
}
