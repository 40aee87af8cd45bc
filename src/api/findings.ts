import type { Diagnostic } from "../model/diagnostic.ts";
import { at, formatPath } from "../model/origin.ts";
import { formatRef, type Ref } from "../model/resource.ts";
import { get, type Snapshot } from "../model/snapshot.ts";
import type { Finding } from "./contract/config.ts";

const rank = { Error: 0, Warning: 1, Info: 2 } as const;

/** A diagnostic in the contract's words. Where it has no position of its own, its field or its object has one. */
export function finding(diagnostic: Diagnostic, snapshot: Snapshot): Finding {
  const { about, path, position } = diagnostic;
  const origin = about ? get(snapshot, about)?.origin : undefined;
  const place = position ? at(position) : origin ? (path && path.length > 0 ? at(origin.locate(path)) : origin.at) : "";
  return {
    code: diagnostic.code,
    ...(diagnostic.also ? { also: diagnostic.also } : {}),
    level: diagnostic.level,
    origin: about ? formatRef(about) : (position?.file ?? ""),
    at: place,
    ...(path && path.length > 0 ? { field: formatPath(path) } : {}),
    message: diagnostic.message,
    ...(diagnostic.fix ? { fix: diagnostic.fix } : {}),
  };
}

/** All findings, errors first, then by place. */
export function findingsOf(diagnostics: readonly Diagnostic[], snapshot: Snapshot): Finding[] {
  return diagnostics
    .map((d) => finding(d, snapshot))
    .sort((a, b) => rank[a.level] - rank[b.level] || compare(a.at, b.at) || compare(a.code, b.code));
}

/** `type/namespace/name`, for maps. */
export function refKey(ref: Ref): string {
  return `${ref.type}/${ref.namespace}/${ref.name}`;
}

function compare(a: string, b: string): number {
  return a.localeCompare(b, "en", { numeric: true });
}

/** `VirtualService default/reviews: "5 seconds" is not a duration (IST0106)`, in one line. */
export function formatFinding(diagnostic: Diagnostic, snapshot: Snapshot): string {
  const { origin, at, message, code } = finding(diagnostic, snapshot);
  return `${origin || at}: ${message} (${code})`;
}
