/** Where in a YAML text of block style a place is. */
export interface YamlPlace {
  /** Keys and list items (`[]`) from the object's root; where a value stands, its key is the last. */
  readonly path: readonly string[];
  /** Whether a key or a value is being written. */
  readonly of: "key" | "value";
  /** What of it stands before the place. */
  readonly typed: string;
  /** Keys that the mapping has already, where a key is being written. */
  readonly beside: readonly string[];
  /** Column of the key that is being written, from 0. */
  readonly indent: number;
}

interface Step {
  readonly column: number;
  /** `[]` for an item of a list. */
  readonly name: string;
}

/** Where `offset` is in the text; undefined in a comment and inside of a text of several lines. */
export function placeIn(text: string, offset: number): YamlPlace | undefined {
  const lines = documentAround(text, offset);
  const line = text.slice(text.lastIndexOf("\n", offset - 1) + 1, offset);
  if (/(^|\s)#/.test(line)) return undefined;
  const stack: Step[] = [];
  for (const before of lines.before) put(stack, stepsOf(before));
  const begun = stepsOf(line);
  const value = /^\s*(?:- +)*[^\s:#][^:]*:\s+(.*)$/.exec(line);
  if (value) {
    put(stack, begun);
    return { path: stack.map((s) => s.name), of: "value", typed: value[1] ?? "", beside: [], indent: 0 };
  }
  const dashes = /^(\s*(?:- +)*)(.*)$/.exec(line) ?? ["", "", ""];
  const column = (dashes[1] ?? "").length;
  const items = stepsOf(`${dashes[1]}x:`).filter((s) => s.name === "[]");
  put(stack, items);
  drop(stack, column, false);
  const typed = dashes[2] ?? "";
  const isItem = items.length > 0;
  const owner = stack.map((s) => s.name);
  return { path: owner, of: "key", typed, beside: besideOf(lines, column, isItem), indent: column };
}

/** Lines of the same document before the place's own, and after it. */
function documentAround(text: string, offset: number) {
  const isBorder = (line: string) => /^---(\s|$)/.test(line);
  const all = text.slice(0, offset).split("\n").slice(0, -1);
  const begin = all.findLastIndex(isBorder);
  const end = text.indexOf("\n", offset);
  const after = end < 0 ? [] : text.slice(end + 1).split("\n");
  const border = after.findIndex(isBorder);
  return { before: all.slice(begin + 1), after: border < 0 ? after : after.slice(0, border) };
}

/** Dashes and the key of a line, with their columns. */
function stepsOf(line: string): Step[] {
  const steps: Step[] = [];
  let column = /^ */.exec(line)?.[0].length ?? 0;
  let rest = line.slice(column);
  while (/^-( |$)/.test(rest)) {
    steps.push({ column, name: "[]" });
    const width = /^- */.exec(rest)?.[0].length ?? 1;
    column += width;
    rest = rest.slice(width);
  }
  const key = /^("[^"]*"|'[^']*'|[^\s#:[{&*!|>'"%@`][^:#]*?)\s*:(\s|$)/.exec(rest)?.[1];
  if (key !== undefined) steps.push({ column, name: key.replace(/^(["'])(.*)\1$/, "$2") });
  return steps;
}

function put(stack: Step[], steps: readonly Step[]): void {
  for (const step of steps) {
    drop(stack, step.column, step.name === "[]");
    stack.push(step);
  }
}

/** What ends where something begins at a column. A list may stand in the column of the key that it belongs to. */
function drop(stack: Step[], column: number, isItem: boolean): void {
  for (let top = stack.at(-1); top !== undefined; top = stack.at(-1)) {
    const ends = top.column > column || (top.column === column && (!isItem || top.name === "[]"));
    if (!ends) return;
    stack.pop();
  }
}

/** Keys in the same mapping: lines up and down with a key in this column, until one that stands further left. */
function besideOf(
  { before, after }: { readonly before: readonly string[]; readonly after: readonly string[] },
  column: number,
  isItem: boolean,
): readonly string[] {
  const found: string[] = [];
  const look = (lines: Iterable<string>, up: boolean) => {
    for (const line of lines) {
      if (line.trim() === "" || line.trimStart().startsWith("#")) continue;
      const steps = stepsOf(line);
      const first = steps[0]?.column ?? /^ */.exec(line)?.[0].length ?? 0;
      const key = steps.find((s) => s.name !== "[]");
      const opens = steps.some((s) => s.name === "[]" && s.column < column) && key?.column === column;
      if (opens && !up) return;
      if (key?.column === column) found.push(key.name);
      if (opens || first < column) return;
    }
  };
  if (!isItem) look(before.toReversed(), true);
  look(after, false);
  return found;
}
