import type { Values } from "./chart.ts";

/** Values with others laid over them: objects are merged, lists and plain values replaced, and null takes a value away, as in Helm. */
export function overlay(base: Values, over: Values): Values {
  const merged: Record<string, unknown> = { ...base };
  for (const [key, value] of Object.entries(over)) {
    const below = Object.hasOwn(merged, key) ? merged[key] : undefined;
    if (value === null) delete merged[key];
    else if (isObject(value)) merged[key] = overlay(isObject(below) ? below : {}, value);
    else merged[key] = value;
  }
  return merged;
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** What a `--set` cannot say. */
export class SetError extends Error {}

/**
 * One `--set` of Helm's: `a.b=1,c[0].d=x,e={x,y}`; `\,` and `\.` are plain characters. Numbers, true, false and null are read as
 * such, everything else is text. Throws SetError.
 */
export function parseSet(
  text: string,
): readonly { readonly path: readonly (string | number)[]; readonly value: unknown }[] {
  return cut(text, ",", true)
    .filter((part) => part !== "")
    .map((part) => {
      const [key = "", ...rest] = cut(part, "=", false);
      if (rest.length === 0 || key === "") throw new SetError(`"${part}" sets nothing; write it like a.b=value`);
      return { path: pathOf(key), value: read(rest.join("=")) };
    });
}

/** Sets one place of values. Lists grow with empty objects, as in Helm. Throws SetError. */
export function setAt(values: Values, path: readonly (string | number)[], value: unknown): Values {
  return put(values, path, value) as Values;
}

function put(below: unknown, path: readonly (string | number)[], value: unknown): unknown {
  const [step, ...rest] = path;
  if (step === undefined) return value;
  if (typeof step === "number") {
    const list = Array.isArray(below) ? [...(below as unknown[])] : [];
    while (list.length < step) list.push(null);
    list[step] = put(list[step], rest, value);
    return list;
  }
  const object = isObject(below) ? below : {};
  return { ...object, [step]: put(Object.hasOwn(object, step) ? object[step] : undefined, rest, value) };
}

function pathOf(key: string): readonly (string | number)[] {
  return cut(key, ".", false).flatMap((part) => {
    const [, name, indexes] = /^([^[\]]*)((?:\[\d{1,4}\])*)$/.exec(part) ?? [];
    if (name === undefined) throw new SetError(`"${key}" is no path; write it like a.b or a[0].b`);
    const numbers = [...(indexes ?? "").matchAll(/\d+/g)].map(([digits]) => Number(digits));
    return name === "" ? numbers : [plain(name), ...numbers];
  });
}

function read(text: string): unknown {
  if (text.startsWith("{") && text.endsWith("}"))
    return cut(text.slice(1, -1), ",", false)
      .filter((v) => v !== "")
      .map(read);
  if (text === "true" || text === "false") return text === "true";
  if (text === "null") return null;
  if (/^-?(?:0|[1-9]\d*)$/.test(text) && Number.isSafeInteger(Number(text))) return Number(text);
  return plain(text);
}

function plain(text: string): string {
  return text.replace(/\\(.)/g, "$1");
}

/** Cuts at a character where no backslash stands before it, and where it stands in no braces if these hold together. */
function cut(text: string, at: string, braces: boolean): string[] {
  const parts = [""];
  let depth = 0;
  for (let i = 0; i < text.length; i++) {
    const char = text.charAt(i);
    if (char === "\\") parts.push(`${parts.pop()}${char}${text.charAt(++i)}`);
    else if (char === at && depth === 0) parts.push("");
    else {
      if (braces && char === "{") depth++;
      if (braces && char === "}") depth--;
      parts.push(`${parts.pop()}${char}`);
    }
  }
  return parts;
}
