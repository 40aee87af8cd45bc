import { functions } from "./functions.ts";
import { lex, type Piece, type Token } from "./lex.ts";
import { type Command, type Node, type Pipe, TemplateError, type Term } from "./syntax.ts";

/** The pieces of a template, read from left to right. */
interface Reader {
  readonly pieces: readonly Piece[];
  next: number;
}

/** Parses a template. Throws TemplateError for what is outside the subset, unknown functions included. */
export function parseTemplate(file: string, source: string): readonly Node[] {
  const reader: Reader = { pieces: lex(file, source), next: 0 };
  const { nodes, end } = block(reader);
  if (end !== undefined) throw new TemplateError(end.at, `${end.word} without a beginning`);
  return nodes;
}

interface End {
  readonly word: "end" | "else";
  readonly at: string;
  /** What stands after `else`. */
  readonly tokens: readonly Token[];
}

function block(reader: Reader): { readonly nodes: readonly Node[]; readonly end?: End } {
  const nodes: Node[] = [];
  for (;;) {
    const piece = reader.pieces[reader.next++];
    if (piece === undefined) return { nodes };
    if (piece.kind === "text") {
      nodes.push(piece);
      continue;
    }
    const word = piece.tokens[0]?.kind === "word" ? piece.tokens[0].text : undefined;
    if (word === "end" || word === "else") return { nodes, end: { word, at: piece.at, tokens: piece.tokens.slice(1) } };
    nodes.push(action(reader, piece.at, piece.tokens, word));
  }
}

function action(reader: Reader, at: string, tokens: readonly Token[], word: string | undefined): Node {
  const rest = tokens.slice(1);
  switch (word) {
    case "if":
    case "with":
      return branch(reader, at, word, rest);
    case "range":
      return range(reader, at, rest);
    case "define": {
      const name = rest[0];
      if (rest.length !== 1 || name?.kind !== "string") throw new TemplateError(at, "define wants a name in quotes");
      const { nodes, end } = block(reader);
      if (end?.word !== "end") throw new TemplateError(at, "define without an end");
      return { kind: "define", name: unquote(name.text), body: nodes };
    }
    default:
      return assignOrPrint(at, tokens);
  }
}

function assignOrPrint(at: string, tokens: readonly Token[]): Node {
  const [first, second] = tokens;
  if (second?.text === ":=" || second?.text === "=") {
    const name = /^\$(\w+)$/.exec(first?.text ?? "")?.[1];
    if (name === undefined) throw new TemplateError(at, "only a variable can be set");
    return { kind: "assign", name, declares: second.text === ":=", pipe: pipe(at, tokens.slice(2)) };
  }
  return { kind: "print", pipe: pipe(at, tokens) };
}

function branch(reader: Reader, at: string, kind: "if" | "with", tokens: readonly Token[]): Node {
  const { nodes, end } = block(reader);
  return { kind, pipe: pipe(at, tokens), body: nodes, otherwise: otherwise(reader, at, end) };
}

function range(reader: Reader, at: string, tokens: readonly Token[]): Node {
  const sets = tokens.findIndex((t) => t.text === ":=");
  const names = tokens
    .slice(0, Math.max(sets, 0))
    .filter((t) => t.text !== ",")
    .map((t) => t.text.slice(1));
  const { nodes, end } = block(reader);
  const over = pipe(at, tokens.slice(sets + 1));
  return { kind: "range", names, pipe: over, body: nodes, otherwise: otherwise(reader, at, end) };
}

/** What follows a body: nothing, another `if`, or the `else` part. */
function otherwise(reader: Reader, at: string, end: End | undefined): readonly Node[] {
  if (end === undefined) throw new TemplateError(at, "no end");
  if (end.word === "end") return [];
  const [next, ...rest] = end.tokens;
  if (next?.text === "if") return [branch(reader, end.at, "if", rest)];
  if (next !== undefined) throw new TemplateError(end.at, `else ${next.text} is outside the subset`);
  const { nodes, end: last } = block(reader);
  if (last?.word !== "end") throw new TemplateError(at, "no end");
  return nodes;
}

function pipe(at: string, tokens: readonly Token[]): Pipe {
  const stack: Token[][] = [[]];
  let depth = 0;
  for (const token of tokens) {
    if (token.text === "(" && token.kind === "mark") depth++;
    if (token.text === ")" && token.kind === "mark") depth--;
    if (depth === 0 && token.text === "|" && token.kind === "mark") stack.push([]);
    else stack.at(-1)?.push(token);
  }
  if (depth !== 0) throw new TemplateError(at, "parentheses do not match");
  return { at, commands: stack.map((part, i) => command(at, part, i > 0)) };
}

function command(at: string, tokens: readonly Token[], piped: boolean): Command {
  const [first, ...rest] = tokens;
  if (first === undefined) throw new TemplateError(at, "an action without a value");
  const isFunction = first.kind === "word" && !constants.has(first.text);
  const method = first.kind === "path" && first.text.endsWith(".Files.Get");
  if (isFunction || method) {
    const name = method ? "Files.Get" : first.text;
    if (!Object.hasOwn(functions, name) && name !== "include" && name !== "Files.Get")
      throw new TemplateError(at, `the function ${name} is outside the subset`);
    return { kind: "call", name, terms: terms(at, rest) };
  }
  const [term, ...more] = terms(at, tokens);
  if (term === undefined || more.length > 0 || piped) throw new TemplateError(at, `${first.text} is no function`);
  return { kind: "value", term };
}

function terms(at: string, tokens: readonly Token[]): readonly Term[] {
  const found: Term[] = [];
  for (let i = 0; i < tokens.length; i++) {
    const token = tokens[i] as Token;
    if (token.kind === "mark" && token.text === "(") {
      const end = closes(tokens, i);
      found.push({ kind: "pipe", pipe: pipe(at, tokens.slice(i + 1, end)) });
      i = end;
    } else found.push(term(at, token));
  }
  return found;
}

function closes(tokens: readonly Token[], from: number): number {
  let depth = 0;
  for (let i = from; i < tokens.length; i++) {
    if (tokens[i]?.kind !== "mark") continue;
    if (tokens[i]?.text === "(") depth++;
    if (tokens[i]?.text === ")" && --depth === 0) return i;
  }
  return tokens.length;
}

const constants: ReadonlyMap<string, boolean | null> = new Map([
  ["true", true],
  ["false", false],
  ["nil", null],
]);

function term(at: string, { kind, text }: Token): Term {
  if (kind === "string") return { kind: "literal", value: unquote(text) };
  if (kind === "number") return { kind: "literal", value: Number(text) };
  if (kind === "word" && constants.has(text)) return { kind: "literal", value: constants.get(text) ?? null };
  if (kind !== "path")
    throw new TemplateError(at, `${text} is outside the subset here; functions with arguments stand in parentheses`);
  const [base = "", ...fields] = text.split(".");
  return { kind: "path", variable: base === "" ? undefined : base.slice(1), fields: fields.filter((f) => f !== "") };
}

function unquote(text: string): string {
  return text.startsWith("`") ? text.slice(1, -1) : (JSON.parse(text) as string);
}
