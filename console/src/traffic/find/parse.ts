import { type Operand, operandOf } from "./operands.ts";
import { FindError, type Token, tokensOf } from "./tokens.ts";

/** Which of a graph's elements an expression is about. */
export type Target = "node" | "edge" | "both";

export type Operator = "=" | "!=" | ">" | ">=" | "<" | "<=" | "*=" | "!*=" | "^=" | "!^=" | "$=" | "!$=";

export type Expression =
  | { readonly kind: "or"; readonly of: Target; readonly parts: readonly Expression[] }
  | { readonly kind: "and"; readonly of: "node" | "edge"; readonly parts: readonly Expression[] }
  | { readonly kind: "not"; readonly of: "node" | "edge"; readonly part: Expression }
  | { readonly kind: "has"; readonly of: "node" | "edge"; readonly operand: Operand }
  | {
      readonly kind: "compare";
      readonly of: "node" | "edge";
      readonly operand: Operand;
      readonly operator: Operator;
      readonly value: string;
    };

const wordOperators: Readonly<Record<string, Operator>> = { contains: "*=", startswith: "^=", endswith: "$=" };
const nodeTypes: Readonly<Record<string, string>> = { op: "operation", svc: "service", wl: "workload" };
const knownTypes = ["app", "operation", "service", "unknown", "workload"];

/**
 * Reads an expression: Kiali's grammar, and parentheses. AND binds closer than OR; `is` and `has` say nothing.
 * @returns undefined for an empty text.
 * @throws FindError
 */
export function parse(text: string): Expression | undefined {
  const reader = new Reader(tokensOf(text), text.length);
  if (reader.done) return undefined;
  const expression = reader.or();
  if (!reader.done) throw new FindError(`"${reader.peek()?.text}" follows where AND or OR should`, reader.at);
  return expression;
}

class Reader {
  readonly #tokens: readonly Token[];
  readonly #end: number;
  #next = 0;

  constructor(tokens: readonly Token[], end: number) {
    this.#tokens = tokens;
    this.#end = end;
  }

  get done(): boolean {
    return this.#next >= this.#tokens.length;
  }

  get at(): number {
    return this.peek()?.at ?? this.#end;
  }

  peek(ahead = 0): Token | undefined {
    return this.#tokens[this.#next + ahead];
  }

  or(): Expression {
    const parts = [this.#and()];
    while (this.#takeWord("or")) parts.push(this.#and());
    const [first] = parts as [Expression];
    return parts.length === 1 ? first : { kind: "or", of: joined(parts), parts };
  }

  #and(): Expression {
    const at = this.at;
    const parts = [this.#not()];
    while (this.#takeWord("and")) parts.push(this.#not());
    const [first] = parts as [Expression];
    if (parts.length === 1) return first;
    const of = joined(parts);
    if (of === "both") throw new FindError("AND joins either nodes or edges; to have both, use OR", at);
    return { kind: "and", of, parts };
  }

  #not(): Expression {
    this.#skip();
    const at = this.at;
    if (!this.#take("not") && !this.#takeWord("not")) return this.#one();
    this.#skip();
    const part = this.#not();
    if (part.of === "both") throw new FindError("what is negated is either of nodes or of edges", at);
    return { kind: "not", of: part.of, part };
  }

  #one(): Expression {
    if (this.#take("open")) {
      const inner = this.or();
      if (!this.#take("close")) throw new FindError("a ) is missing", this.at);
      return inner;
    }
    const { at } = this;
    const token = this.peek();
    if (token?.kind !== "word")
      throw new FindError(token ? `"${token.text}" stands where a name should` : "something is missing at the end", at);
    this.#next++;
    const operand = operandOf(token.text);
    if (!operand) throw new FindError(`nothing is called "${token.text}"; Tab shows what there is`, at);
    const operator = this.#operator();
    if (operator === undefined) return alone(operand, at);
    return comparison(operand, operator, this.#value(), at);
  }

  /** `=`, `contains`, `not contains`, `! startswith`; undefined where none follows. */
  #operator(): Operator | undefined {
    const token = this.peek();
    if (token?.kind === "operator") {
      this.#next++;
      return token.text as Operator;
    }
    const negated = token?.kind === "not" || (token?.kind === "word" && token.text.toLowerCase() === "not");
    const word = this.peek(negated ? 1 : 0);
    const operator = word?.kind === "word" ? wordOperators[word.text.toLowerCase()] : undefined;
    if (operator === undefined) return undefined;
    this.#next += negated ? 2 : 1;
    return negated ? (`!${operator}` as Operator) : operator;
  }

  #value(): string {
    const token = this.peek();
    if (token?.kind !== "word" && token?.kind !== "quoted") throw new FindError("a value is missing", this.at);
    this.#next++;
    return token.text;
  }

  #take(kind: Token["kind"]): boolean {
    if (this.peek()?.kind !== kind) return false;
    this.#next++;
    return true;
  }

  #takeWord(word: string): boolean {
    const token = this.peek();
    if (token?.kind !== "word" || token.text.toLowerCase() !== word) return false;
    this.#next++;
    return true;
  }

  /** Words that only make it read better. */
  #skip(): void {
    while (this.#takeWord("is") || this.#takeWord("has"));
  }
}

function joined(parts: readonly Expression[]): Target {
  const [first] = parts;
  return first && parts.every((p) => p.of === first.of) ? first.of : "both";
}

/** A flag; or a text that is there at all, as with `label:region`. */
function alone(operand: Operand, at: number): Expression {
  const [name] = operand.names;
  if (operand.kind === "flag" || name.startsWith("label:")) return { kind: "has", of: operand.of, operand };
  const example = operand.kind === "number" ? `${name} > 1` : `${name} = reviews`;
  throw new FindError(`${name} is compared with something: ${example}`, at);
}

function comparison(operand: Operand, operator: Operator, value: string, at: number): Expression {
  const [name] = operand.names;
  if (operand.kind === "flag") throw new FindError(`${name} stands alone, or after !`, at);
  const textual = /[*^$]/.test(operator);
  if (operand.kind === "number") {
    if (textual) throw new FindError(`${name} is a number: compare it by = != > >= < <=`, at);
    const nothing = value.toLowerCase() === "nan" && (operator === "=" || operator === "!=");
    if (!nothing && !Number.isFinite(Number(value))) throw new FindError(`"${value}" is not a number`, at);
    if (name === "rank" && !(Number(value) >= 1 && Number(value) <= 100)) throw new FindError("a rank is 1 to 100", at);
  } else if (/[<>]/.test(operator))
    throw new FindError(`${name} is a text: compare it by = != contains startswith endswith`, at);
  if (name !== "node") return { kind: "compare", of: operand.of, operand, operator, value };
  const type = nodeTypes[value.toLowerCase()] ?? value.toLowerCase();
  if (!knownTypes.includes(type)) throw new FindError(`a node is ${knownTypes.join(", ")}; "${value}" is none`, at);
  return { kind: "compare", of: operand.of, operand, operator, value: type };
}
