import type { EdgeFacts, Facts, NodeFacts } from "./facts.ts";
import type { Operand } from "./operands.ts";
import type { Expression, Operator } from "./parse.ts";

/** Ids of what an expression says yes to. */
export interface Found {
  readonly nodes: ReadonlySet<string>;
  readonly edges: ReadonlySet<string>;
}

/** Everything of a graph that an expression is true of. */
export function matching(expression: Expression, facts: Facts): Found {
  return {
    nodes: new Set(facts.nodes.filter((node) => holds(expression, { of: "node", node })).map((n) => n.id)),
    edges: new Set(facts.edges.filter((edge) => holds(expression, { of: "edge", edge })).map((e) => e.id)),
  };
}

type Subject = { readonly of: "node"; readonly node: NodeFacts } | { readonly of: "edge"; readonly edge: EdgeFacts };

function holds(expression: Expression, subject: Subject): boolean {
  if (expression.kind === "or") return expression.parts.some((p) => holds(p, subject));
  if (expression.of !== subject.of) return false;
  if (expression.kind === "and") return expression.parts.every((p) => holds(p, subject));
  if (expression.kind === "not") return denies(expression.part, subject);
  const value = valueOf(expression.operand, subject);
  if (expression.kind === "has") return Array.isArray(value) ? value.length > 0 : value === true;
  return Array.isArray(value)
    ? compareTexts(value, expression.operator, expression.value)
    : compareNumbers(value as number | undefined, expression.operator, expression.value);
}

/** A flag of which nothing is known (whether an idle node is healthy) is neither so nor not so. */
function denies(part: Expression, subject: Subject): boolean {
  if (part.kind === "has" && part.operand.kind === "flag") return valueOf(part.operand, subject) === false;
  return !holds(part, subject);
}

function valueOf(operand: Operand, subject: Subject): readonly string[] | number | boolean | undefined {
  if (operand.of === "node") return subject.of === "node" ? operand.read(subject.node) : undefined;
  return subject.of === "edge" ? operand.read(subject.edge) : undefined;
}

/** Whether any of a thing's texts fits; with a negated operator, whether none does. */
function compareTexts(texts: readonly string[], operator: Operator, value: string): boolean {
  if (operator.startsWith("!"))
    return !compareTexts(texts, (operator === "!=" ? "=" : operator.slice(1)) as Operator, value);
  return texts.some((text) => {
    if (operator === "*=") return text.includes(value);
    if (operator === "^=") return text.startsWith(value);
    return operator === "$=" ? text.endsWith(value) : text === value;
  });
}

/** `= NaN` is true where there is nothing; every other comparison needs a number, but `!=`. */
function compareNumbers(number: number | undefined, operator: Operator, value: string): boolean {
  const wanted = Number(value);
  if (Number.isNaN(wanted)) return operator === "=" ? number === undefined : number !== undefined;
  if (number === undefined) return operator === "!=";
  if (operator === ">") return number > wanted;
  if (operator === ">=") return number >= wanted;
  if (operator === "<") return number < wanted;
  if (operator === "<=") return number <= wanted;
  return operator === "!=" ? number !== wanted : number === wanted;
}
