import type { AuthorizationRulePlan, Condition } from "./authorization-rule.ts";

/**
 * A principal of one of the mesh's trust domains is meant in all of them, as a mesh that moves bears both; so is one of `cluster.local`, whatever
 * the mesh's own is called. `*-east/ns/...` stays as it is for those that it fits.
 */
export function inTrustDomains(rule: AuthorizationRulePlan, domains: readonly string[]): AuthorizationRulePlan {
  const widened = (name: string, value: string) => {
    if (name === "trustDomain") return domains.includes(value) ? domains : [value];
    return name === "principal" ? principals(value, domains) : [value];
  };
  const widen = (c: Condition): Condition => {
    if (c.property.of !== "source") return c;
    const { name } = c.property;
    const all = (values: readonly string[]) => [...new Set(values.flatMap((value) => widened(name, value)))];
    return { ...c, any: all(c.any), none: all(c.none) };
  };
  return { ...rule, sources: rule.sources.map((all) => all.map(widen)), when: rule.when.map(widen) };
}

function principals(value: string, domains: readonly string[]): readonly string[] {
  const [domain = "", ...rest] = value.split("/");
  if (rest.length !== 4 || domain === "*") return [value];
  const fits = (own: string) => (domain.startsWith("*") ? own.endsWith(domain.slice(1)) : own === domain);
  if (domain !== "cluster.local" && !domains.some(fits)) return [value];
  return domains.map((own) => (fits(own) ? value : [own, ...rest].join("/")));
}
