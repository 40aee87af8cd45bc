import type { TapRequest, TapState } from "../../../src/api/contract/tap.ts";
import { count, percent } from "../format/quantity.ts";

/** `default/web-v1`; the ServiceAccount or the address where no workload is known. */
export function sourceOf({ source }: Pick<TapRequest, "source">): string {
  const { workload, identity, address } = source;
  const [, namespace, account] = /\/ns\/([^/]+)\/sa\/([^/]+)$/.exec(identity ?? "") ?? [];
  return workload ?? (account === undefined ? (identity ?? address ?? "somebody") : `${namespace}/sa/${account}`);
}

export function targetOf({ destination: d, port }: Pick<TapRequest, "destination" | "port">): string {
  return `${d.namespace}/${d.workload}:${port}`;
}

/** `GET /reviews/0?token=…`; of a connection nothing is known but its bytes. */
export function askedOf({ protocol, method = "", path = "", query = [] }: TapRequest): string {
  if (protocol === "tcp") return "a connection";
  return `${method} ${path}${query.length === 0 ? "" : `?${query.map((name) => `${name}=…`).join("&")}`}`;
}

/** How it went, for its mark. */
export function healthOf({ protocol, verdict, code = 0, grpcStatus = 0, flags }: TapRequest) {
  if (verdict === "denied" || verdict === "unmatched" || verdict === "unauthenticated") return "failing" as const;
  if (protocol === "tcp") return flags.length > 0 ? ("degraded" as const) : ("healthy" as const);
  if (code === 0 || code >= 500 || grpcStatus !== 0) return "failing" as const;
  return code >= 400 || verdict === "would-deny" ? ("degraded" as const) : ("healthy" as const);
}

export function answerOf({ protocol, code, grpcStatus, flags }: TapRequest): string {
  const said = protocol === "tcp" ? [] : [code ? String(code) : "no answer"];
  return [...said, ...(grpcStatus === undefined ? [] : [`gRPC ${grpcStatus}`]), ...flags].join(" ") || "closed";
}

export const verdictWords: Readonly<Record<TapRequest["verdict"], string>> = {
  allowed: "allowed",
  denied: "denied by policy",
  "would-deny": "a dry run would deny it",
  unauthenticated: "refused for its token",
  unmatched: "plaintext where mutual TLS is strict",
};

export function stateWords({ proxies, share, skipped }: TapState): string {
  if (proxies === 0) return "No proxy of that name is connected here: nothing is told until one is.";
  const who = `${count(proxies, "proxy", "proxies")} ${proxies === 1 ? "tells" : "tell"}`;
  const part = share < 1 ? `${who} of ${percent(share)} of the requests` : `${who} of all requests`;
  return skipped > 0 ? `${part}; ${skipped} more did not fit` : part;
}
