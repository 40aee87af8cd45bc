import type { RateLimitRule, RateLimitSpec } from "../../../gen/weft/rate-limit.ts";
import type { Resource } from "../../../model/resource.ts";
import type { Findings } from "../finding.ts";
import { checkBlocks, checkHosts, checkPaths } from "./request.ts";

/** Rules for a RateLimit that its schema cannot say. */
export function checkRateLimit(resource: Resource, root: Findings): void {
  const { rules } = resource.spec as RateLimitSpec;
  const found = root.at("spec", "rules");
  rules.forEach((rule, i) => void checkRule(rule, found.at(i)));
}

function checkRule({ match = {}, per = [] }: RateLimitRule, found: Findings): void {
  const at = found.at("match");
  checkHosts(match.hosts, at.at("hosts"));
  checkPaths(match.paths, at.at("paths"));
  checkBlocks(match.remoteIpBlocks, at.at("remoteIpBlocks"));
  match.principals?.forEach((principal, i) => {
    const inside = principal.slice(1, -1);
    if (principal.startsWith("spiffe://"))
      at.at("principals", i).error(`"${principal}" has a scheme`, `write ${principal.slice("spiffe://".length)}`);
    else if (inside.includes("*") || (principal.length > 1 && principal.startsWith("*") && principal.endsWith("*")))
      at.at("principals", i).error(
        `"${principal}": a * is for its begin or its end`,
        "write for example cluster.local/ns/default/*",
      );
  });
  const seen = new Set<string>();
  per.forEach(({ type, name = "" }, i) => {
    const key = `${type} ${name.toLowerCase()}`;
    if (seen.has(key)) found.at("per", i).error(`${key.trim()} stands there twice`, "remove one of the two");
    seen.add(key);
  });
}
