import { celFault } from "./cel.ts";

/** Functions and methods that a proxy's CEL has. Found by asking Envoy 1.40 for each; an expression with another is refused with the whole listener. */
const known = new Set([
  ...["size", "contains", "startsWith", "endsWith", "matches", "has", "type", "dyn"],
  ...["int", "uint", "double", "bytes", "bool", "timestamp", "duration"],
  ...["getFullYear", "getMonth", "getDate", "getDayOfMonth", "getDayOfWeek", "getDayOfYear"],
  ...["getHours", "getMinutes", "getSeconds", "getMilliseconds"],
  ...["extract", "capture", "captureN"],
]);

const texts = /r?"(?:[^"\\]|\\.)*"|r?'(?:[^'\\]|\\.)*'/g;

/** Why a proxy would not take a text as CEL, or undefined. What attributes there are is not looked at: one that is not known has no value. */
export function proxyCelFault(text: string): string | undefined {
  const fault = celFault(text);
  if (fault !== undefined) return fault;
  const called = [...text.replaceAll(texts, '""').matchAll(/([A-Za-z_]\w*)\s*\(/g)].map(([, name]) => name as string);
  const unknown = called.find((name) => !known.has(name) && name !== "in");
  return unknown === undefined ? undefined : `proxies have no function ${unknown}() in CEL`;
}
