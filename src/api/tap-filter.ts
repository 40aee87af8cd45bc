import type { Observed } from "../model/observed.ts";
import { Refusal } from "./http/answer.ts";

/** Which requests somebody wants to see. All of it must hold; `*` in texts stands for any text. */
export interface TapFilter {
  /** None: all. */
  readonly namespaces: readonly string[];
  /** Name of a workload, or of an app: of all its versions. */
  readonly workload?: string;
  readonly methods: readonly string[];
  readonly path?: string;
  readonly host?: string;
  readonly statuses: readonly StatusRange[];
  readonly headers: readonly { readonly name: string; readonly value?: string }[];
  /** Of the caller: `web`, `shop/web`, a SPIFFE ID, an address. */
  readonly from?: string;
  readonly verdicts: readonly Observed["verdict"][];
  /** Requests a second. */
  readonly limit: number;
}

export interface StatusRange {
  readonly from: number;
  readonly to: number;
}

/** Headers that carry secrets: nobody may find out what is in them, not by asking either. */
const secretHeaders =
  /^(authorization|proxy-authorization|cookie|set-cookie|x-forwarded-client-cert|x-weft-.*|.*(token|secret|api-?key|password|session|credential|signature|jwt).*)$/i;

const verdicts: readonly Observed["verdict"][] = ["allowed", "denied", "would-deny", "unauthenticated", "unmatched"];

/** Most requests a second that are shown. */
export const mostTapped = 100;

/** Reads a query. Throws 400 with the name of what is wrong. */
export function tapFilterOf(query: URLSearchParams): TapFilter {
  const all = (name: string) =>
    query
      .getAll(name)
      .flatMap((text) => text.split(","))
      .map((text) => text.trim())
      .filter((text) => text !== "");
  const one = <K extends string>(name: K) => {
    const text = query.get(name);
    return text === null || text === "" ? {} : ({ [name]: bounded(name, text) } as { readonly [P in K]: string });
  };
  const limit = Number(query.get("limit") ?? mostTapped);
  if (!(limit >= 1 && limit <= mostTapped))
    throw new Refusal(400, `limit: "${query.get("limit")}" is not a number from 1 to ${mostTapped}`);
  return {
    namespaces: all("namespace").map((text) => bounded("namespace", text)),
    ...one("workload"),
    methods: all("method").map((text) => bounded("method", text.toUpperCase())),
    ...one("path"),
    ...one("host"),
    statuses: all("status").map(statusRange),
    headers: query.getAll("header").map(headerOf),
    ...one("from"),
    verdicts: all("verdict").map(verdictOf),
    limit,
  };
}

function bounded(name: string, text: string): string {
  if (text.length <= 256) return text;
  throw new Refusal(400, `${name}: that is longer than 256 characters`);
}

/** `503`, `5xx`, `400-499`. */
function statusRange(text: string): StatusRange {
  const [, digit] = /^([1-5])xx$/i.exec(text) ?? [];
  if (digit !== undefined) return { from: Number(digit) * 100, to: Number(digit) * 100 + 99 };
  const [, from, to = from] = /^(\d{1,3})(?:-(\d{1,3}))?$/.exec(text) ?? [];
  if (from === undefined) throw new Refusal(400, `status: "${text}" is none`, "write 503, 5xx or 400-499");
  return { from: Number(from), to: Number(to) };
}

function headerOf(text: string): TapFilter["headers"][number] {
  const at = text.indexOf("=");
  const name = (at < 0 ? text : text.slice(0, at)).trim().toLowerCase();
  if (!/^[a-z0-9!#$%&'*+.^_`|~-]{1,128}$/.test(name)) throw new Refusal(400, `header: "${name}" is no name of one`);
  if (at < 0) return { name };
  if (secretHeaders.test(name))
    throw new Refusal(400, `header: what is in ${name} is a secret`, `ask whether it is there: header=${name}`);
  return { name, value: bounded("header", text.slice(at + 1)) };
}

function verdictOf(text: string): Observed["verdict"] {
  const found = verdicts.find((verdict) => verdict === text);
  if (found === undefined) throw new Refusal(400, `verdict: "${text}" is none`, `use one of ${verdicts.join(", ")}`);
  return found;
}

/** Whether a request is one of those. Headers are looked at by the proxy alone. */
export function fits(filter: TapFilter, seen: Observed): boolean {
  const { destination: d, method = "", path = "", host = "", code } = seen;
  return (
    (filter.namespaces.length === 0 || filter.namespaces.includes(d.namespace)) &&
    (filter.workload === undefined || filter.workload === d.workload || filter.workload === d.app) &&
    (filter.methods.length === 0 || filter.methods.includes(method)) &&
    (filter.path === undefined || globbed(filter.path, path)) &&
    (filter.host === undefined || globbed(filter.host.toLowerCase(), host.toLowerCase().replace(/:\d+$/, ""))) &&
    (filter.statuses.length === 0 ||
      (code !== undefined && filter.statuses.some(({ from, to }) => code >= from && code <= to))) &&
    (filter.from === undefined || isFrom(filter.from, seen)) &&
    (filter.verdicts.length === 0 || filter.verdicts.includes(seen.verdict))
  );
}

function isFrom(wanted: string, { source }: Observed): boolean {
  const { identity = "", workload = "", address = "" } = source;
  const [, namespace, account] = /\/ns\/([^/]+)\/sa\/([^/]+)$/.exec(identity) ?? [];
  const name = workload.slice(workload.indexOf("/") + 1);
  return [identity, workload, name, address, account, account && `${namespace}/${account}`].some(
    (known) => known !== undefined && known !== "" && globbed(wanted, known),
  );
}

/** Whether the text is the pattern's, in which `*` is any text. Takes time in proportion to both lengths. */
function globbed(pattern: string, text: string): boolean {
  const parts = pattern.split("*");
  const [first = ""] = parts;
  const last = parts.at(-1) ?? "";
  if (parts.length === 1) return text === pattern;
  if (!text.startsWith(first) || !text.endsWith(last) || text.length < first.length + last.length) return false;
  let at = first.length;
  for (const part of parts.slice(1, -1)) {
    const found = text.indexOf(part, at);
    if (found < 0) return false;
    at = found + part.length;
  }
  return at <= text.length - last.length;
}
