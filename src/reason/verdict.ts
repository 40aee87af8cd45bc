import { type Json, part, parts } from "./json.ts";
import { judgePolicy } from "./rbac.ts";
import type { Request } from "./request.ts";

/** What a proxy's authorization makes of a request. */
export interface Verdict {
  readonly allowed: boolean;
  /** Id of the rule that decided; absent where no policy is, or none that allows matched. */
  readonly by?: string;
  /** `nothing`: there is no policy. `no-match`: there are policies that allow, and none of them matched. */
  readonly how: "nothing" | "denied" | "no-match" | "allowed" | "not-denied";
  /** Somebody else would be asked first: the providers. Then `allowed` is what holds if they say yes. */
  readonly asked: readonly string[];
  /** Rules that did not match, in the order in which they are looked at, and why. */
  readonly others: readonly { readonly id: string; readonly action: "ALLOW" | "DENY"; readonly why: string }[];
  /** What policies in a dry run would do. */
  readonly dryRun: readonly { readonly action: "ALLOW" | "DENY"; readonly denied: boolean; readonly by?: string }[];
}

/** A filter of a proxy's authorization: its name and its configuration in protobuf's JSON form. */
export interface AuthorizationFilter {
  readonly name: string;
  readonly config: Json;
}

/** Filters in the order in which the proxy runs them; the first that refuses decides. Pure. */
export function verdictOf(filters: readonly AuthorizationFilter[], request: Request): Verdict {
  const others: { id: string; action: "ALLOW" | "DENY"; why: string }[] = [];
  const dryRun: { action: "ALLOW" | "DENY"; denied: boolean; by?: string }[] = [];
  const asked: string[] = [];
  let how: Verdict["how"] = "nothing";
  let by: string | undefined;
  const end = (allowed: boolean): Verdict => ({
    ...{ allowed, how, asked, others, dryRun },
    ...(by === undefined ? {} : { by }),
  });
  for (const { name, config } of filters) {
    if (String(config["@type"]).includes("ext_authz")) asked.push(name);
    const shadow = part(config, "shadow_rules");
    const prefix = String(config["shadow_rules_stat_prefix"] ?? "");
    if (shadow !== undefined && prefix.startsWith("istio_dry_run_") && actionOf(shadow) !== "LOG") {
      const matched = firstOf(shadow, request).by;
      const action = actionOf(shadow) as "ALLOW" | "DENY";
      dryRun.push({
        action,
        denied: (action === "DENY") === (matched !== undefined),
        ...(matched === undefined ? {} : { by: matched }),
      });
    }
    const rules = part(config, "rules");
    if (rules === undefined || actionOf(rules) === "LOG") continue;
    const action = actionOf(rules) as "ALLOW" | "DENY";
    const found = firstOf(rules, request);
    others.push(...found.others.map((other) => ({ ...other, action })));
    if (action === "DENY" && found.by !== undefined) {
      [how, by] = ["denied", found.by];
      return end(false);
    }
    if (action === "ALLOW" && found.by === undefined) {
      how = "no-match";
      return end(false);
    }
    [how, by] = action === "ALLOW" ? ["allowed", found.by] : [how === "nothing" ? "not-denied" : how, by];
  }
  return end(true);
}

function actionOf(rules: Json): "ALLOW" | "DENY" | "LOG" {
  return (rules["action"] as "DENY" | "LOG" | undefined) ?? "ALLOW";
}

/** Policies are looked at by their ids, in the order of their bytes, as Envoy keeps them; the first that matches is told. */
function firstOf(rules: Json, request: Request) {
  const others: { id: string; why: string }[] = [];
  const policies = Object.entries(part(rules, "policies") ?? {}) as [string, Json][];
  for (const [id, policy] of policies.sort(([a], [b]) => (a < b ? -1 : 1))) {
    const judged = judgePolicy(policy, request);
    if (judged.holds) return { by: id, others };
    others.push({ id, why: judged.why });
  }
  return { by: undefined, others };
}

/** Filters of the authorization of requests, of the extension that is a list of them. */
export function httpFilters(extension: Json): readonly AuthorizationFilter[] {
  const chain = part(part(extension, "typed_config") ?? {}, "default_filter_chain");
  return parts(chain, "filters").map((filter) => ({
    name: String(filter["name"]),
    config: part(filter, "typed_config") ?? {},
  }));
}
