import { createHash } from "node:crypto";
import { stringify } from "yaml";
import { isEmpty, isTrue, printed } from "./value.ts";

/** What a function of a template throws; the evaluator adds where. */
export class FunctionError extends Error {}

/** Keys in order, as Go writes them; YAML 1.1 puts "yes" and "off" in quotes. */
const yaml = { version: "1.1", lineWidth: 0, aliasDuplicateObjects: false, sortMapEntries: true } as const;

type Function = (...args: unknown[]) => unknown;

/** Functions of Go's text/template and of Helm that the charts may call, by Go's and Helm's names and meanings. */
export const functions: Readonly<Record<string, Function>> = {
  and: (...all) => all.find((v) => !isTrue(v)) ?? all.at(-1),
  or: (...all) => all.find(isTrue) ?? all.at(-1),
  not: (value) => !isTrue(value),
  eq: (a, ...others) => others.some((b) => equal(a, b)),
  ne: (a, b) => !equal(a, b),
  default: (fallback, value) => (isEmpty(value) ? fallback : value),
  empty: (value) => isEmpty(value),
  ternary: (yes, no, condition) => (condition === true ? yes : no),
  quote: (value) => (value === null || value === undefined ? "" : JSON.stringify(printed(value))),
  printf: (format, ...args) => {
    const rest = [...args];
    return text(format).replace(/%[sv%]/g, (verb) => (verb === "%%" ? "%" : printed(rest.shift())));
  },
  toYaml: (value) => stringify(value ?? null, yaml).trimEnd(),
  toJson: (value) => JSON.stringify(value ?? null),
  nindent: (spaces, value) => `\n${indent(spaces, value)}`,
  indent,
  toString: (value: unknown) => printed(value),
  trunc: (length, value) => text(value).slice(0, Number(length)),
  trimSuffix: (suffix, value) =>
    text(value).endsWith(text(suffix)) ? text(value).slice(0, text(value).length - text(suffix).length) : value,
  list: (...all) => all,
  has: (wanted, all) => Array.isArray(all) && all.some((v) => equal(v, wanted)),
  join: (separator, all) => (Array.isArray(all) ? all.map(printed).join(text(separator)) : printed(all)),
  dict: (...pairs) => Object.fromEntries(pairs.flatMap((k, i) => (i % 2 === 0 ? [[text(k), pairs[i + 1]]] : []))),
  sha256sum: (value) => createHash("sha256").update(text(value)).digest("hex"),
  required: (message, value) => {
    if (value === undefined || value === null || value === "") throw new FunctionError(text(message));
    return value;
  },
  fail: (message) => {
    throw new FunctionError(text(message));
  },
};

function indent(spaces: unknown, value: unknown): string {
  const pad = " ".repeat(Number(spaces));
  return text(value)
    .split("\n")
    .map((line) => pad + line)
    .join("\n");
}

/** Go compares values of one basic kind alone. Numbers of values are text to Helm, so that templates do not compare them. */
function equal(a: unknown, b: unknown): boolean {
  if (typeof a === "number" || typeof b === "number")
    throw new FunctionError("numbers are not compared: Helm has them as text or as numbers, by where they come from");
  if (typeof a === "object" && a !== null) throw new FunctionError("only basic values are compared");
  if (typeof b === "object" && b !== null) throw new FunctionError("only basic values are compared");
  return (a ?? null) === (b ?? null);
}

function text(value: unknown): string {
  if (typeof value !== "string") throw new FunctionError(`wanted text, got ${JSON.stringify(value)}`);
  return value;
}
