import { FunctionError, functions } from "./functions.ts";
import { type Command, type Node, type Pipe, TemplateError, type Term } from "./syntax.ts";
import { isTrue, printed } from "./value.ts";

/** What all templates of a chart see. */
export interface World {
  /** `$`: Values, Release, Chart. */
  readonly root: Readonly<Record<string, unknown>>;
  readonly named: ReadonlyMap<string, readonly Node[]>;
  /** Text of a file of the chart; empty where there is none, as in Helm. */
  readonly file: (path: string) => string;
}

/** Variables of a block; those of the blocks around it can be seen and set, too. */
type Variables = Map<string, { value: unknown }>;

interface Frame {
  readonly world: World;
  readonly dot: unknown;
  readonly variables: Variables;
}

/** Renders nodes with a dot. Throws TemplateError. */
export function evaluate(nodes: readonly Node[], world: World, dot: unknown): string {
  return body(nodes, { world, dot, variables: new Map([["", { value: dot }]]) });
}

function body(nodes: readonly Node[], outer: Frame): string {
  const frame = { ...outer, variables: new Map(outer.variables) };
  return nodes.map((node) => one(node, frame)).join("");
}

function one(node: Node, frame: Frame): string {
  switch (node.kind) {
    case "text":
      return node.text;
    case "print":
      return guarded(node.pipe.at, () => printed(run(node.pipe, frame)));
    case "assign":
      return assign(node, frame);
    case "if":
      return body(isTrue(run(node.pipe, frame)) ? node.body : node.otherwise, frame);
    case "with": {
      const dot = run(node.pipe, frame);
      return isTrue(dot) ? body(node.body, { ...frame, dot }) : body(node.otherwise, frame);
    }
    case "range":
      return range(node, frame);
    case "define":
      return "";
  }
}

function assign(node: Extract<Node, { kind: "assign" }>, frame: Frame): string {
  const value = run(node.pipe, frame);
  const known = frame.variables.get(node.name);
  if (node.declares) frame.variables.set(node.name, { value });
  else if (known === undefined) throw new TemplateError(node.pipe.at, `$${node.name} is not declared`);
  else known.value = value;
  return "";
}

function range(node: Extract<Node, { kind: "range" }>, frame: Frame): string {
  const over = run(node.pipe, frame);
  if (!isTrue(over)) return body(node.otherwise, frame);
  if (typeof over !== "object" || over === null)
    throw new TemplateError(node.pipe.at, "range wants a list or an object");
  // Go goes through an object in the order of its keys.
  const entries: (readonly [unknown, unknown])[] = Array.isArray(over)
    ? over.map((value, i) => [i, value])
    : Object.entries(over).sort(([a], [b]) => (a < b ? -1 : 1));
  return entries
    .map(([key, value]) => {
      const variables: Variables = new Map(frame.variables);
      const [first, second] = node.names;
      if (second !== undefined) variables.set(first ?? "", { value: key }).set(second, { value });
      else if (first !== undefined) variables.set(first, { value });
      return body(node.body, { ...frame, dot: value, variables });
    })
    .join("");
}

function run(pipe: Pipe, frame: Frame): unknown {
  return pipe.commands.reduce<unknown>((before, command, i) => {
    return guarded(pipe.at, () => call(pipe, command, frame, i === 0 ? [] : [before]));
  }, undefined);
}

function call(pipe: Pipe, command: Command, frame: Frame, piped: readonly unknown[]): unknown {
  if (command.kind === "value") return resolve(pipe, command.term, frame);
  // `and` and `or` stop at the first value that decides, as Go's do.
  const args = [...lazily(command, (term) => resolve(pipe, term, frame)), ...piped];
  if (command.name === "Files.Get") return frame.world.file(String(args[0]));
  if (command.name !== "include") return functions[command.name]?.(...args);
  const named = frame.world.named.get(String(args[0]));
  if (named === undefined) throw new TemplateError(pipe.at, `there is no template ${JSON.stringify(args[0])}`);
  return evaluate(named, frame.world, args[1]);
}

function lazily(command: Extract<Command, { kind: "call" }>, value: (term: Term) => unknown): unknown[] {
  const decides = { and: false, or: true }[command.name];
  const args: unknown[] = [];
  for (const term of command.terms) {
    args.push(value(term));
    if (decides !== undefined && isTrue(args.at(-1)) === decides) break;
  }
  return args;
}

function resolve(pipe: Pipe, term: Term, frame: Frame): unknown {
  if (term.kind === "literal") return term.value;
  if (term.kind === "pipe") return run(term.pipe, frame);
  const variable = term.variable === undefined ? undefined : frame.variables.get(term.variable);
  if (term.variable !== undefined && variable === undefined)
    throw new TemplateError(pipe.at, `$${term.variable} is not declared`);
  let value = variable === undefined ? frame.dot : variable.value;
  for (const field of term.fields) {
    if (typeof value !== "object" || value === null)
      throw new TemplateError(pipe.at, `.${term.fields.join(".")}: nothing has the field ${field}`);
    value = Object.hasOwn(value, field) ? (value as Record<string, unknown>)[field] : undefined;
  }
  return value;
}

function guarded<T>(at: string, action: () => T): T {
  try {
    return action();
  } catch (error) {
    if (error instanceof FunctionError || error instanceof RangeError) throw new TemplateError(at, error.message);
    throw error;
  }
}
