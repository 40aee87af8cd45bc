import type { Dice } from "./dice.ts";

// What matchers mean, said as plainly as it can be: Istio's words, without any expression.

/** A property of a request, what its patterns are made of, and when one holds. */
export interface Kind {
  readonly name: string;
  /** A pattern in a rule of an AuthorizationPolicy. */
  readonly rule: (pattern: string) => object;
  readonly pattern: (dice: Dice) => string;
  readonly holds: (pattern: string, request: Request) => boolean;
}

/** A request as Envoy sees it. */
export interface Request {
  readonly from: string;
  readonly method: string;
  readonly path: string;
  readonly host: string;
  readonly sni: string;
  readonly header: readonly string[];
  readonly claim: string;
}

const letters = ["a", "b", "A", ".", "[", "*", "+", "/", "%", "(", "|", "\\", "$", "]", "?"];

/** A text of a few letters, most of which mean something to an expression. */
export function text(dice: Dice, alphabet: readonly string[] = letters, least = 0): string {
  return Array.from({ length: least + dice.number(5) }, () => dice.one(alphabet)).join("");
}

/** The text alone, or with `*` at an end, or `*`. */
export function starred(dice: Dice, alphabet?: readonly string[]): string {
  const said = text(dice, alphabet, 1);
  return dice.one([said, said, `${said}*`, `*${said}`, "*"]);
}

/** `*` is any text that is there, `*a` an end, `a*` a beginning, anything else itself. */
export function matches(pattern: string, value: string): boolean {
  if (pattern === "*") return value !== "";
  if (pattern.startsWith("*")) return value.endsWith(pattern.slice(1));
  if (pattern.endsWith("*")) return value.startsWith(pattern.slice(0, -1));
  return value === pattern;
}

/** Each `*` is any text without a slash. */
export function globs(pattern: string, value: string): boolean {
  const [first = "", ...rest] = pattern.split("*");
  if (rest.length === 0) return value === first;
  if (!value.startsWith(first) || value.includes("/")) return false;
  const last = rest.at(-1) as string;
  let at = first.length;
  for (const part of rest.slice(0, -1)) {
    const found = value.indexOf(part, at);
    if (found < 0) return false;
    at = found + part.length;
  }
  return value.length - last.length >= at && value.endsWith(last);
}

/** Without regard to case, to a dot at the end, and to a port that the pattern does not say. */
export function hostMatches(pattern: string, value: string): boolean {
  const lower = (t: string) => t.replace(/[A-Z]/g, (letter) => letter.toLowerCase());
  const [said, asked] = [lower(pattern), lower(value)];
  if (said === "*") return true;
  const [name, port] = apart(asked);
  const [saidName, saidPort] = apart(said);
  if (saidPort === undefined && saidName.endsWith("*")) return asked.startsWith(saidName.slice(0, -1));
  const samePort = saidPort === undefined || (port !== undefined && matches(saidPort, port)) || saidPort === port;
  const bare = (t: string) => (t.endsWith(".") ? t.slice(0, -1) : t);
  const sameName = saidName.startsWith("*")
    ? [name, bare(name)].some((n) => n.endsWith(bare(saidName.slice(1))))
    : [name, bare(name)].includes(bare(saidName));
  return samePort && sameName;
}

function apart(host: string): readonly [name: string, port: string | undefined] {
  const colon = host.lastIndexOf(":");
  return colon >= 0 && /^:[0-9]*\*?$/.test(host.slice(colon))
    ? [host.slice(0, colon), host.slice(colon + 1)]
    : [host, undefined];
}

/** Parts of a path; `{*}` is one that is not empty, `{**}` all that is left after a slash. */
export function templateMatches(template: string, path: string): boolean {
  const [said, asked] = [template.split("/"), path.split("/")];
  for (const [i, part] of said.entries()) {
    if (part === "{**}") return asked.length > i;
    const there = asked[i];
    if (there === undefined || (part === "{*}" ? there === "" : there !== part)) return false;
  }
  return asked.length === said.length;
}
