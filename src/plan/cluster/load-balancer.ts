import type { ConsistentHashLB, LoadBalancerSettings } from "../../gen/istio/destination-rule.ts";
import { durationMs } from "../mesh.ts";

/** How an endpoint is chosen. */
export type LoadBalancerPlan =
  | { readonly kind: "least-request" | "round-robin"; readonly warmup?: WarmupPlan }
  | { readonly kind: "random" }
  /** The address that was called. */
  | { readonly kind: "passthrough" }
  | { readonly kind: "ring-hash" | "maglev"; readonly size?: number; readonly hash?: HashPlan };

export interface WarmupPlan {
  readonly durationMs: number;
  readonly aggression?: number;
  readonly minimumPercent?: number;
}

/** What a request's hash is made of. */
export type HashPlan =
  | { readonly by: "header"; readonly name: string }
  | {
      readonly by: "cookie";
      readonly name: string;
      readonly path?: string;
      /** Absent: the cookie is the application's; 0: a session cookie. */
      readonly ttlMs?: number;
      readonly attributes: readonly { readonly name: string; readonly value: string }[];
    }
  | { readonly by: "source-ip" }
  | { readonly by: "query"; readonly name: string };

/** What the rule's loadBalancer says; least request when it says nothing. */
export function loadBalancer(said: LoadBalancerSettings | undefined): LoadBalancerPlan {
  if (said?.consistentHash !== undefined) return consistentHash(said.consistentHash);
  const warmup = warmupPlan(said);
  const slow = warmup === undefined ? {} : { warmup };
  if (said?.simple === "ROUND_ROBIN") return { kind: "round-robin", ...slow };
  if (said?.simple === "RANDOM") return { kind: "random" };
  if (said?.simple === "PASSTHROUGH") return { kind: "passthrough" };
  return { kind: "least-request", ...slow };
}

function warmupPlan(said: LoadBalancerSettings | undefined): WarmupPlan | undefined {
  const window = durationMs(said?.warmup?.duration ?? said?.warmupDurationSecs ?? "");
  if (window === undefined) return undefined;
  const { aggression, minimumPercent } = said?.warmup ?? {};
  return {
    durationMs: window,
    ...(aggression === undefined ? {} : { aggression }),
    ...(minimumPercent === undefined ? {} : { minimumPercent }),
  };
}

function consistentHash(said: ConsistentHashLB): LoadBalancerPlan {
  const size = said.maglev ? said.maglev.tableSize : (said.ringHash?.minimumRingSize ?? said.minimumRingSize);
  return { kind: said.maglev ? "maglev" : "ring-hash", ...(size ? { size } : {}), ...hashOf(said) };
}

/** Where nothing says what to hash, a request goes anywhere on the ring. */
function hashOf(said: ConsistentHashLB): { readonly hash?: HashPlan } {
  const hash = hashPlan(said);
  return hash === undefined ? {} : { hash };
}

function hashPlan(said: ConsistentHashLB): HashPlan | undefined {
  if (said.httpHeaderName !== undefined) return { by: "header", name: said.httpHeaderName };
  if (said.httpQueryParameterName !== undefined) return { by: "query", name: said.httpQueryParameterName };
  const cookie = said.httpCookie;
  if (cookie === undefined) return said.useSourceIp ? { by: "source-ip" } : undefined;
  const ttlMs = cookie.ttl === undefined ? undefined : durationMs(cookie.ttl);
  return {
    by: "cookie",
    name: cookie.name,
    ...(cookie.path === undefined ? {} : { path: cookie.path }),
    ...(ttlMs === undefined ? {} : { ttlMs }),
    attributes: (cookie.attributes ?? []).map((a) => ({ name: a.name, value: a.value ?? "" })),
  };
}
