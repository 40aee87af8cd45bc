import { Environment } from "@marcbachmann/cel-js";
import type { Schema } from "../../../gen/crds.ts";
import { isIP } from "../../../std/ip.ts";
import { patternOf } from "./pattern.ts";

type Rule = (context: { self: unknown }) => unknown;

/** Kubernetes' own functions beside CEL's, as far as the rules of the vendored definitions call them. */
const environment = new Environment({ unlistedVariablesAreDyn: true, enableOptionalTypes: true })
  .registerType("kubernetes.URL", { ctor: URL })
  .registerFunction("isURL(string): bool", (text: string) => isUrl(text))
  .registerFunction("url(string): kubernetes.URL", (text: string) => toUrl(text))
  .registerFunction("kubernetes.URL.getScheme(): string", (url: URL) => url.protocol.replace(/:$/, ""))
  .registerFunction("string.finds(string): bool", (text: string, pattern: string) => patternOf(pattern)(text))
  .registerFunction("isIP(string): bool", (text: string) => isIP(text) !== 0);

const rules = new Map<string, Rule>();

/** Parses a rule once. Throws where it is no CEL. */
export function ruleOf(text: string): Rule {
  let rule = rules.get(text);
  if (rule === undefined) {
    rule = environment.parse(rewritten(text)) as Rule;
    rules.set(text, rule);
  }
  return rule;
}

/** The library's `has` takes no index in its path (`has(self[0].matches)`), and its `matches` no inline flags: both are said otherwise. */
function rewritten(text: string): string {
  const indexed = /\bhas\(([\w.]+\[[^\]()]*\][\w.[\]]*)\.(\w+)\)/g;
  return text
    .replaceAll(".matches(", ".finds(")
    .replace(indexed, (_, parent: string, field: string) => `("${field}" in ${parent})`);
}

/** Whether a value passes a rule; a rule that cannot be evaluated on it (`duration("5 s")`) is not passed. */
export function holds(text: string, self: unknown): boolean {
  try {
    return ruleOf(text)({ self }) === true;
  } catch {
    return false;
  }
}

/** A value as CEL sees it by its schema: integers are ints, null is absent, reserved field names are escaped as Kubernetes does. */
export function celValue(value: unknown, schema: Schema): unknown {
  if (schema["x-kubernetes-int-or-string"] || schema.type === "integer") {
    return typeof value === "number" && Number.isInteger(value) ? BigInt(value) : value;
  }
  if (Array.isArray(value)) return value.map((v) => celValue(v, schema.items ?? {}));
  if (typeof value !== "object" || value === null) return value;
  const extra = typeof schema.additionalProperties === "object" ? schema.additionalProperties : {};
  const entries = Object.entries(value)
    .filter(([, v]) => v !== null)
    .map(([key, v]) => {
      const property = schema.properties && Object.hasOwn(schema.properties, key) ? schema.properties[key] : undefined;
      return [property === undefined ? key : escapeName(key), celValue(v, property ?? extra)] as const;
    });
  return Object.fromEntries(entries);
}

const reserved = new Set(
  "true false null in as break const continue else for function if import let loop package namespace return var void while".split(
    " ",
  ),
);

function escapeName(name: string): string {
  if (reserved.has(name)) return `__${name}__`;
  if (!/__|[-./]/.test(name)) return name;
  return name
    .replaceAll("__", "__underscores__")
    .replaceAll(".", "__dot__")
    .replaceAll("-", "__dash__")
    .replaceAll("/", "__slash__");
}

/** As Kubernetes: an absolute URI or an absolute path. */
function isUrl(text: string): boolean {
  return text.startsWith("/") || URL.canParse(text);
}

function toUrl(text: string): URL {
  return text.startsWith("/") ? new URL(`path:${text}`) : new URL(text);
}

/** Why a text is no CEL expression, or undefined. Names are not checked: who evaluates it knows them. */
export function celFault(text: string): string | undefined {
  try {
    environment.parse(text);
    return undefined;
  } catch (error) {
    return (error as Error).message.split("\n")[0];
  }
}
