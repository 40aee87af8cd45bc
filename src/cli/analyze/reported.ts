import { codePage } from "../../analysis/code-page.ts";
import type { Finding as ApiFinding } from "../../api/contract/config.ts";
import type { Level } from "../../model/diagnostic.ts";

/** A finding, ready to be printed: for people, and as istioctl prints it. */
export interface Reported {
  readonly code: string;
  /** Codes of other tools for the same. */
  readonly also?: readonly string[];
  readonly level: Level;
  /** `VirtualService default/reviews`; a file where it is about no object. */
  readonly origin: string;
  /** Namespace of the object; undefined where there is none. */
  readonly namespace?: string;
  /** `reviews.yaml:14:7`. */
  readonly at?: string;
  readonly field?: string;
  readonly message: string;
  readonly fix?: string;
  /** The analyser that found it. */
  readonly analyzer: string;
  /** Codes that the object's own annotation silences; `*` is all. */
  readonly silenced: readonly string[];
  readonly istio: { readonly origin: string; readonly message: string; readonly reference?: string };
}

/** What istioctl prints with `-o json`. */
export interface IstioctlMessage {
  readonly code: string;
  readonly documentationUrl: string;
  readonly level: Level;
  readonly message: string;
  readonly origin: string;
  readonly reference?: string;
}

export const levels = ["Error", "Warning", "Info"] as const;

/** Whether a level is as bad as a threshold, or worse. */
export function reaches(level: Level, threshold: Level): boolean {
  return levels.indexOf(level) <= levels.indexOf(threshold);
}

/** Sorted as istioctl sorts: by level, code, origin and text; what is told twice is told once. */
export function sorted(findings: readonly Reported[]): Reported[] {
  const key = (r: Reported) =>
    [levels.indexOf(r.level), r.code, r.istio.origin, r.istio.message, r.istio.reference ?? "", r.at ?? ""].join("\0");
  const byKey = new Map(findings.map((r) => [key(r), r]));
  return [...byKey].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, r]) => r);
}

/** istioctl's format. */
export function istioctlMessages(findings: readonly Reported[]): IstioctlMessage[] {
  const messages = new Map<string, IstioctlMessage>();
  for (const { code, level, istio } of findings) {
    const { message, origin, reference } = istio;
    const documentationUrl = codePage(code) ?? "";
    const made = { code, documentationUrl, level, message, origin, ...(reference === undefined ? {} : { reference }) };
    messages.set(JSON.stringify(made), made);
  }
  return [...messages.values()];
}

/** A suppression as istioctl takes it: `IST0103=Pod mypod.default`; `*` stands for anything. Throws nothing: what is not of this form silences nothing. */
export function suppresses(rule: string, finding: Reported): boolean {
  const equals = rule.indexOf("=");
  const said = equals < 0 ? rule : rule.slice(0, equals);
  if (![finding.code, ...(finding.also ?? [])].some((code) => wildcard(said, code))) return false;
  if (equals < 0) return true;
  const resource = rule.slice(equals + 1);
  return [finding.origin, finding.istio.origin, dotted(finding.origin)].some((name) => wildcard(resource, name));
}

/** `Pod mypod.default` of `Pod default/mypod`. */
function dotted(origin: string): string {
  return origin.replace(/^(\S+) ([^/]+)\/(.+)$/, "$1 $3.$2");
}

/** Whether a text is of a pattern, in which `*` stands for anything. */
export function wildcard(pattern: string, text: string): boolean {
  const [first = "", ...rest] = pattern.split("*");
  if (rest.length === 0) return pattern === text;
  if (!text.startsWith(first)) return false;
  const last = rest.pop() ?? "";
  let at = first.length;
  for (const part of rest) {
    const found = text.indexOf(part, at);
    if (found < 0) return false;
    at = found + part.length;
  }
  return text.length - last.length >= at && text.endsWith(last);
}

/** What a running mesh's API tells. */
export function fromApi(finding: ApiFinding, fullStop: boolean): Reported {
  const { code, also, level, origin, at, field, message, fix } = finding;
  const namespace = /^\S+ ([^/]+)\//.exec(origin)?.[1];
  const reference = at.replace(/:\d+$/, "");
  return {
    code,
    ...(also === undefined ? {} : { also }),
    level,
    origin,
    message,
    analyzer: "",
    silenced: [],
    istio: { origin, message: fullStop ? `${message}.` : message, ...(at === "" ? {} : { reference }) },
    ...(namespace === undefined ? {} : { namespace }),
    ...(at === "" ? {} : { at }),
    ...(field === undefined ? {} : { field }),
    ...(fix === undefined ? {} : { fix }),
  };
}
