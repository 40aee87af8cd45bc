import type { CompressionSpec } from "../../gen/weft/compression.ts";
import type { RateLimitRule, RateLimitSpec } from "../../gen/weft/rate-limit.ts";
import type { FieldPath } from "../../model/origin.ts";
import type { Resource, Type } from "../../model/resource.ts";
import { types } from "../../model/types.ts";
import { mesh } from "../../plan/mesh.ts";
import { same } from "../../track/same.ts";
import { listAll, type Scope, type Step } from "../../track/scope.ts";
import { type Analyzer, type Finding, forAll, forEach, ownReport } from "../finding.ts";
import { covers, isSystemNamespace, type PodLike, podLikes, podLikesIn, selectorText } from "../workloads.ts";

type Selecting = Resource<Pick<RateLimitSpec, "selector">>;

/** Workloads that a policy is for; a namespace without any is no mistake of the policy. */
function covered(scope: Scope, policy: Selecting): readonly PodLike[] {
  const everywhere = policy.namespace === scope.ask(mesh, "").rootNamespace;
  const selector = policy.spec.selector?.matchLabels ?? {};
  const pods = everywhere ? scope.ask(podLikes, "") : scope.ask(podLikesIn, policy.namespace);
  return pods.filter((pod) => !isSystemNamespace(pod.namespace)).filter((pod) => covers(selector, pod.labels));
}

const selectorField: FieldPath = ["spec", "selector", "matchLabels"];

function choosesNone(type: Type, name: string): Step<readonly Finding[]> {
  return forEach<Pick<RateLimitSpec, "selector">>(name, type, (scope, policy) => {
    const selector = policy.spec.selector?.matchLabels;
    if (selector === undefined || covered(scope, policy).length > 0) return [];
    const where = policy.namespace === scope.ask(mesh, "").rootNamespace ? "the mesh" : `namespace ${policy.namespace}`;
    const message = `no workload of ${where} has the labels ${selectorText(selector)}; compare them with those of Pods`;
    return [ownReport(policy, "WEFT0111", message, selectorField, "KIA0004")];
  });
}

export const rateLimitSelectors: Analyzer = {
  name: "ratelimit.SelectorAnalyzer",
  description: "Checks that the selector of a RateLimit chooses a workload",
  inputs: [types.RateLimit, types.Pod],
  codes: ["WEFT0111"],
  also: ["KIA0004"],
  step: choosesNone(types.RateLimit, "rateLimitSelectors"),
};

export const compressionSelectors: Analyzer = {
  name: "compression.SelectorAnalyzer",
  description: "Checks that the selector of a Compression chooses a workload",
  inputs: [types.Compression, types.Pod],
  codes: ["WEFT0111"],
  also: ["KIA0004"],
  step: choosesNone(types.Compression, "compressionSelectors"),
};

/** Of Compressions with the same reach one holds: the oldest. */
export const compressionConflicts: Analyzer = {
  name: "compression.ConflictAnalyzer",
  description: "Checks that no two Compressions of a namespace are for the same workloads",
  inputs: [types.Compression, types.Pod],
  codes: ["WEFT0112"],
  step: forAll("compressionConflicts", (scope) =>
    scope.namespaces(types.Compression).flatMap((namespace) => {
      const all = scope.list<CompressionSpec>(types.Compression, namespace);
      return all.flatMap((one) => {
        const alike = all.filter((other) => isOlder(other, one) && sameReach(scope, one, other));
        return alike.slice(0, 1).map((other) => {
          const message = `Compression ${other.namespace}/${other.name} is older and holds for the same workloads; this one does nothing there`;
          return ownReport(one, "WEFT0112", message, ["metadata", "name"]);
        });
      });
    }),
  ),
};

function isOlder(a: Resource, b: Resource): boolean {
  return a.createdAt < b.createdAt || (a.createdAt === b.createdAt && a.name < b.name);
}

function sameReach(scope: Scope, a: Selecting, b: Selecting): boolean {
  if (a.spec.selector === undefined || b.spec.selector === undefined)
    return a.spec.selector === undefined && b.spec.selector === undefined;
  const pods = new Set(covered(scope, a));
  return covered(scope, b).some((pod) => pods.has(pod));
}

const seconds = { Second: 1, Minute: 60, Hour: 3600, Day: 86_400 } as const;

/** A rule that a tighter one for the same requests always comes before. */
export const rateLimitShadows: Analyzer = {
  name: "ratelimit.ShadowAnalyzer",
  description: "Checks that no rule of a RateLimit is made idle by a tighter one for the same requests",
  inputs: [types.RateLimit, types.Pod],
  codes: ["WEFT0113"],
  step: forAll("rateLimitShadows", (scope) => {
    const all = listAll<RateLimitSpec>(scope, types.RateLimit).filter(({ spec }) => spec.dryRun !== true);
    return all.flatMap((policy) =>
      policy.spec.rules.flatMap((rule, i) =>
        all
          .filter((other) => coversAll(scope, other, policy))
          .flatMap((other) =>
            other.spec.rules.filter((by) => by !== rule && isTighter(by, rule)).map((by) => ({ other, by })),
          )
          .slice(0, 1)
          .map(({ other, by }) => {
            const message = `rule ${rule.name} never decides: ${other.namespace}/${other.name}'s rule ${by.name} is for the same requests and lets fewer pass`;
            return ownReport(policy, "WEFT0113", message, ["spec", "rules", i, "limit"]);
          }),
      ),
    );
  }),
};

/** Whether every workload of a policy is one of another's, counted in the same way. */
function coversAll(scope: Scope, other: Resource<RateLimitSpec>, policy: Resource<RateLimitSpec>): boolean {
  if (other === policy) return true;
  if ((other.spec.scope ?? "Local") !== (policy.spec.scope ?? "Local")) return false;
  const pods = new Set(covered(scope, other));
  const own = covered(scope, policy);
  return own.length > 0 && own.every((pod) => pods.has(pod));
}

function isTighter(by: RateLimitRule, rule: RateLimitRule): boolean {
  if (!same(by.match, rule.match) || !same(by.per, rule.per)) return false;
  const rate = ({ limit }: RateLimitRule) => limit.requests / seconds[limit.unit];
  const burst = ({ limit }: RateLimitRule) => limit.burst ?? limit.requests;
  const noMore = rate(by) <= rate(rule) && burst(by) <= burst(rule);
  return noMore && (rate(by) < rate(rule) || burst(by) < burst(rule));
}
