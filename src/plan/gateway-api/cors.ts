import type { HTTPCORSFilter } from "../../gen/gateway-api/http-route.ts";
import type { Cors } from "../route/cors.ts";
import type { TextMatch } from "../route/text-match.ts";

/** Seconds that a browser may keep the answer of a preflight where the filter says nothing. */
const defaultMaxAge = 5;

/** What browsers of other origins may do. Source: gateway-api.sigs.k8s.io/reference/spec/#httpcorsfilter */
export function corsOf(said: HTTPCORSFilter): Cors {
  return {
    origins: (said.allowOrigins ?? []).map(origin),
    methods: [...(said.allowMethods ?? [])],
    headers: [...(said.allowHeaders ?? [])],
    expose: [...(said.exposeHeaders ?? [])],
    maxAge: said.maxAge ?? defaultMaxAge,
    credentials: said.allowCredentials === true,
    forwardUnmatched: false,
  };
}

/** `*` is any; in `https://*.example.com` it stands for one label or more. */
function origin(text: string): TextMatch {
  if (!text.includes("*")) return { kind: "exact", value: text };
  const pattern = text
    .split("*")
    .map(quoted)
    .join(text === "*" ? ".*" : "[^/:]+");
  return { kind: "regex", value: pattern };
}

/** A text as a regular expression that matches it alone. */
export function quoted(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&");
}
