import type { CorsPolicy } from "../../gen/istio/virtual-service.ts";
import { durationMs } from "../mesh.ts";
import { type TextMatch, textMatch } from "./text-match.ts";

/** What browsers of other origins may do. */
export interface Cors {
  readonly origins: readonly TextMatch[];
  readonly methods: readonly string[];
  readonly headers: readonly string[];
  readonly expose: readonly string[];
  /** Seconds. */
  readonly maxAge?: number;
  readonly credentials?: boolean;
  /** Preflights of other origins go on to the service. */
  readonly forwardUnmatched: boolean;
}

export function cors(said: CorsPolicy | undefined): Cors | undefined {
  if (said === undefined) return undefined;
  const maxAge = said.maxAge === undefined ? undefined : durationMs(said.maxAge);
  return {
    origins:
      said.allowOrigins?.map(textMatch) ?? (said.allowOrigin ?? []).map((value) => ({ kind: "exact", value }) as const),
    methods: [...(said.allowMethods ?? [])],
    headers: [...(said.allowHeaders ?? [])],
    expose: [...(said.exposeHeaders ?? [])],
    ...(maxAge === undefined ? {} : { maxAge: Math.floor(maxAge / 1000) }),
    ...(said.allowCredentials === undefined ? {} : { credentials: said.allowCredentials }),
    forwardUnmatched: said.unmatchedPreflights !== "IGNORE",
  };
}
