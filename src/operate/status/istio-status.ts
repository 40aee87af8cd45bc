import { isIstioCode, istioMessages } from "../../analysis/messages.ts";
import type { Diagnostic } from "../../model/diagnostic.ts";
import { formatPath } from "../../model/origin.ts";
import { type Condition, holds, holdsNot } from "./condition.ts";
import type { Json } from "./merge.ts";

/** How far what was made of an object is with the proxies that hold any of it. */
export interface Held {
  /** Proxies that hold something of it. */
  readonly total: number;
  /** Of those, how many have taken all of it. */
  readonly acked: number;
  /** The first resource that an Envoy refused, in its own words, and how many proxies refused something of it. */
  readonly refused?: { readonly resource: string; readonly error: string; readonly proxies: number };
}

const longest = 1024;

/**
 * Istio's `IstioStatus` of an object: `Reconciled` as Istio counts it, `PassedAnalysis`, and what the analysers found. `generation` is left out
 * where the object that is told about is not known.
 */
export function istioStatus(held: Held | undefined, findings: readonly Diagnostic[]): Json {
  return {
    conditions: [reconciled(held ?? { total: 0, acked: 0 }), analysed(findings)],
    validationMessages: validationMessages(findings),
  };
}

function reconciled({ total, acked, refused }: Held): Condition {
  const count = `${acked}/${total} proxies up to date.`;
  if (refused !== undefined) {
    const { resource, error, proxies } = refused;
    const message = `${count} Envoy refused ${resource} in ${proxies} of them, and keeps what it had: ${error}`;
    return holdsNot("Reconciled", "Refused", short(message));
  }
  if (acked < total) return holdsNot("Reconciled", "Distributing", count);
  return total === 0
    ? holds("Reconciled", `${count} No proxy has anything of it.`, "NoProxies")
    : holds("Reconciled", count, "Distributed");
}

function analysed(findings: readonly Diagnostic[]): Condition {
  const errors = findings.filter((f) => f.level === "Error");
  const told = [...errors, ...findings.filter((f) => f.level === "Warning")].map(sentence);
  if (errors.length > 0) return holdsNot("PassedAnalysis", "ErrorsFound", short(told.join(" ")));
  return holds("PassedAnalysis", told.length === 0 ? "No errors found." : short(told.join(" ")), "NoErrorsFound");
}

/** `spec.http[0].timeout: "5 seconds" is not a duration; write "5s" (IST0106).` */
function sentence({ code, path, message, fix }: Diagnostic): string {
  const field = path && path.length > 0 ? `${formatPath(path)}: ` : "";
  return `${field}${message}${fix ? `; ${fix}` : ""} (${code}).`;
}

function short(text: string): string {
  return text.length > longest ? `${text.slice(0, longest - 1)}…` : text;
}

/** Istio's `AnalysisMessageBase`, one for each code. */
function validationMessages(findings: readonly Diagnostic[]): readonly Json[] {
  const byCode = new Map(findings.map((f) => [`${f.code} ${f.level}`, f]));
  return [...byCode.values()]
    .sort((a, b) => (a.code < b.code ? -1 : 1))
    .map(({ code, level }) => ({
      type: { code, name: isIstioCode(code) ? istioMessages[code].name : code },
      level: level.toUpperCase(),
      ...(isIstioCode(code)
        ? { documentationUrl: `https://istio.io/latest/docs/reference/config/analysis/${code.toLowerCase()}/` }
        : {}),
    }));
}
