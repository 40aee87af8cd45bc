import type { Findings } from "./finding.ts";

const name = /^[-_A-Za-z0-9]+$/;
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
const control = /[\u0000-\u0008\u000a-\u001f\u007f]/;

/** Checks the name of a header that is matched. */
export function checkHeaderName(header: string, found: Findings): void {
  if (header === "") found.error("header name cannot be empty");
  else if (!name.test(header))
    found.error(`header name ${header} is not a valid header name`, "write letters, digits, - and _");
}

/** The same, with `*`, for CORS. */
export function checkCorsHeaderName(header: string, found: Findings): void {
  if (header !== "*") checkHeaderName(header, found);
}

/** `@request.auth.claims.group` or `@request.auth.claims[group]`: a claim of a verified token instead of a header. */
export function isClaim(header: string): boolean {
  const prefix = "@request.auth.claims";
  if (!header.toLowerCase().startsWith(prefix)) return false;
  const rest = header.slice(prefix.length);
  return rest.startsWith(".") || (rest.startsWith("[") && rest.endsWith("]"));
}

/** `:authority` or `host`, whose change is a rewrite of the authority. */
export function isAuthority(header: string): boolean {
  return [":authority", "host"].includes(header.toLowerCase());
}

interface Operations {
  readonly add?: Readonly<Record<string, string>>;
  readonly set?: Readonly<Record<string, string>>;
  readonly remove?: readonly string[];
}

/** Checks what is done to the headers of requests and responses. */
export function checkHeaderOperations(
  headers: { request?: Operations; response?: Operations } | undefined,
  found: Findings,
): void {
  for (const direction of ["request", "response"] as const) {
    const operations = headers?.[direction];
    for (const how of ["add", "set"] as const) {
      for (const [header, value] of Object.entries(operations?.[how] ?? {})) {
        const at = found.at("headers", direction, how, header);
        checkChangedName(header, direction === "request", at);
        checkHeaderValue(value, at);
      }
    }
    operations?.remove?.forEach(
      (header, i) => void checkChangedName(header, false, found.at("headers", direction, "remove", i)),
    );
  }
}

function checkChangedName(header: string, authorityAllowed: boolean, found: Findings): void {
  if (header === "") found.error("header name cannot be empty");
  else if (authorityAllowed && isAuthority(header)) return;
  else if (header.toLowerCase() === "host")
    found.error(`invalid header "${header}": cannot set Host header`, "use rewrite.authority");
  else if (header.startsWith(":"))
    found.error(`invalid header "${header}": header cannot have ":" prefix`, "name a header without :");
}

/** Checks a header's value: no control characters, and every `%` is doubled or begins one of Envoy's `%COMMAND(args)%`. */
export function checkHeaderValue(value: string, found: Findings): void {
  if (control.test(value))
    found.error(`header value configuration ${JSON.stringify(value)} is invalid`, "remove the control character");
  const fault = commandFault(value);
  if (fault) found.error(`header value configuration: ${fault}`, "write %% for a percent sign");
}

/**
 * Follows Envoy's header formatter: text, `%%`, `%NAME%`, `%NAME(args)%`, where args may be a JSON list of strings.
 * Source: Envoy, source/common/router/header_parser.cc.
 */
function commandFault(value: string): string | undefined {
  let at = 0;
  while (at < value.length) {
    const start = value.indexOf("%", at);
    if (start < 0) return undefined;
    if (start === value.length - 1) return "invalid header configuration. Un-escaped %";
    if (value[start + 1] === "%") {
      at = start + 2;
      continue;
    }
    const end = commandEnd(value, start + 1);
    if (typeof end === "string") return `invalid header configuration. ${end}`;
    at = end;
  }
  return undefined;
}

/** The offset after a command's closing `%`, or why it has none. */
function commandEnd(value: string, from: number): number | string {
  const unterminated = `Un-terminated variable expression '${value}'`;
  const close = value.indexOf("%", from);
  const open = value.indexOf("(", from);
  if (open < 0 || (close >= 0 && close < open)) return close < 0 ? unterminated : close + 1;
  let at = skipSpaces(value, open + 1);
  if (value[at] === "[") {
    const list = listEnd(value, at + 1);
    if (typeof list === "string") return list;
    at = skipSpaces(value, list);
    if (at < value.length && value[at] !== ")") return "Expecting ')' or whitespace";
    at++;
  } else {
    const paren = argumentEnd(value, at + 1);
    if (typeof paren === "string") return paren;
    at = paren;
  }
  at = skipSpaces(value, at);
  if (at >= value.length) return unterminated;
  return value[at] === "%" ? at + 1 : "Expecting '%' or whitespace after";
}

/** After the `)` of a plain argument. */
function argumentEnd(value: string, from: number): number | string {
  for (let at = from; at < value.length; at++) {
    if (value[at] === "\\") at++;
    else if (value[at] === ")") return at + 1;
  }
  return `Un-terminated variable expression '${value}'`;
}

/** After the `]` of a list of JSON strings. */
function listEnd(value: string, from: number): number | string {
  let at = skipSpaces(value, from);
  for (;;) {
    if (value[at] !== '"')
      return at >= value.length ? `Un-terminated variable expression '${value}'` : "Expecting '\"'";
    for (at++; at < value.length && value[at] !== '"'; at++) if (value[at] === "\\") at++;
    at = skipSpaces(value, at + 1);
    if (value[at] === "]") return at + 1;
    if (value[at] !== ",")
      return at >= value.length ? `Un-terminated variable expression '${value}'` : "Expecting ',', ']', or whitespace";
    at = skipSpaces(value, at + 1);
  }
}

function skipSpaces(value: string, from: number): number {
  let at = from;
  while (value[at] === " ") at++;
  return at;
}
