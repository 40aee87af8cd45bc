import type {
  ConsistentHashLB,
  LoadBalancerSettings,
  LocalityLoadBalancerSetting,
} from "../../../gen/istio/destination-rule.ts";
import type { Findings } from "../finding.ts";
import { checkDuration } from "../values.ts";

/** Checks load balancing. `ejects` says whether outlier detection is set beside it, which failover needs. */
export function checkLoadBalancer(settings: LoadBalancerSettings, ejects: boolean, found: Findings): void {
  if (settings.consistentHash) checkHash(settings.consistentHash, found.at("consistentHash"));
  if (settings.localityLbSetting) checkLocality(settings.localityLbSetting, ejects, found.at("localityLbSetting"));
  checkDuration(settings.warmupDurationSecs, found.at("warmupDurationSecs"));
  const { warmup } = settings;
  if (warmup === undefined) return;
  const at = found.at("warmup");
  if (warmup.duration === undefined) at.error("duration is required", 'write for example duration: "30s"');
  else checkDuration(warmup.duration, at.at("duration"));
  if ((warmup.minimumPercent ?? 0) > 100)
    at.at("minimumPercent").error("minimumPercent value should be less than or equal to 100");
  if (warmup.aggression !== undefined && warmup.aggression < 1)
    at.at("aggression").error("aggression should be greater than or equal to 1");
}

function checkHash(hash: ConsistentHashLB, found: Findings): void {
  if (hash.httpCookie && hash.httpCookie.name === "")
    found.at("httpCookie").error("name required for HttpCookie", "write a name");
  const ring = hash.minimumRingSize ?? 0;
  if (ring !== 0) {
    found
      .at("minimumRingSize")
      .warn(
        "consistent hash MinimumRingSize is deprecated, use ConsistentHashLB's RingHash configuration instead",
        "write ringHash",
      );
    if (hash.ringHash || hash.maglev)
      found.error("only one of MinimumRingSize or Maglev/Ringhash can be specified", "remove minimumRingSize");
  }
  if (hash.maglev === undefined) return;
  const at = found.at("maglev", "tableSize");
  const size = hash.maglev.tableSize ?? 0;
  if (size === 0) at.error("tableSize must be set for maglev", "write for example 65537");
  if (size >= 5_000_011) at.error("tableSize must be less than 5000011 for maglev", "write for example 65537");
  if (!isPrime(size)) at.error("tableSize must be a prime number for maglev", "write for example 65537");
}

function isPrime(x: number): boolean {
  if (x < 2) return false;
  for (let factor = 2; factor * factor <= x; factor++) if (x % factor === 0) return false;
  return true;
}

const topology = ["topology.kubernetes.io/region", "topology.kubernetes.io/zone", "topology.istio.io/subzone"];

function checkLocality(lb: LocalityLoadBalancerSetting, ejects: boolean, found: Findings): void {
  const { distribute = [], failover = [], failoverPriority = [] } = lb;
  if (distribute.length > 0 && failover.length > 0) {
    found.error("can not simultaneously specify 'distribute' and 'failover'", "remove one of the two");
    return;
  }
  const both = failover.length > 0 ? failoverPriority.find((label) => topology.includes(label)) : undefined;
  if (both !== undefined) {
    found.error(
      `can not simultaneously set 'failover' and topology label '${both}' in 'failover_priority'`,
      "remove one of the two",
    );
    return;
  }
  for (const [i, rule] of distribute.entries())
    if (!checkWeights(rule.to ?? {}, found.at("distribute", i, "to"))) return;
  checkLocalities(
    distribute.map((d) => d.from ?? ""),
    found.at("distribute"),
  );
  if ((failover.length > 0 || failoverPriority.length > 0) && !ejects) {
    found.warn("outlier detection policy must be provided for failover", "write outlierDetection");
  }
  failover.forEach((rule, i) => {
    const at = found.at("failover", i);
    const [from, to] = [rule.from ?? "", rule.to ?? ""];
    if (from === to) at.error("locality lb failover settings must specify different regions");
    if (from.includes("/") || to.includes("/"))
      at.error("locality lb failover only specify region", "write the region without a zone");
    if (from.includes("*") || to.includes("*"))
      at.error("locality lb failover region should not contain '*' wildcard", "name the region");
  });
}

function checkWeights(to: Readonly<Record<string, number>>, found: Findings): boolean {
  const weights = Object.entries(to);
  const bad = weights.find(([, weight]) => weight <= 0 || weight > 100);
  if (bad) {
    found.at(bad[0]).error("locality weight must be in range [1, 100]", "write a number from 1 to 100");
    return false;
  }
  const total = weights.reduce((sum, [, weight]) => sum + weight, 0);
  if (total !== 100) {
    found.error(`total locality weight ${total} != 100`, "make the weights add up to 100");
    return false;
  }
  checkLocalities(
    weights.map(([locality]) => locality),
    found,
  );
  return true;
}

/** Localities of one list may not overlap: `region/zone/subzone`, of which the later parts may be left out or a last `*`. */
function checkLocalities(localities: readonly string[], found: Findings): void {
  const seen: string[][] = [];
  for (const locality of localities) {
    const stars = locality.split("*").length - 1;
    if (stars > 1 || (stars === 1 && !locality.endsWith("*"))) {
      found.error(`locality ${locality} wildcard '*' number can not exceed 1 and must be in the end`, "write * last");
      return;
    }
    const parts = locality.split("/");
    if (parts.slice(0, 3).includes("")) {
      found.error(`locality ${locality} must not contain empty region/zone/subzone info`, "write region/zone/subzone");
      return;
    }
    const isRest = parts.at(-1) === "*";
    const key = isRest ? parts.slice(0, -1) : parts;
    // "a/*" after "a/b" is what remains of a.
    if (seen.some((other) => isPrefix(other, key) || (!isRest && isPrefix(key, other)))) {
      found.error(`locality ${locality} overlap with previous specified ones`, "remove one of the two");
      return;
    }
    seen.push(key);
  }
}

function isPrefix(short: readonly string[], long: readonly string[]): boolean {
  return short.length <= long.length && short.every((part, i) => part === long[i]);
}
