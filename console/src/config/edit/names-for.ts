import type { ConfigFacts } from "../../../../src/api/contract/facts.ts";

/** Names of the mesh that a field takes: hosts, gateways, namespaces, versions. None for other fields. */
export function namesFor(path: readonly string[], facts: ConfigFacts): readonly string[] {
  const field = path.findLast((step) => step !== "[]") ?? "";
  if (field === "namespace") return facts.namespaces;
  if (field === "host" || (field === "hosts" && path[0] === "spec"))
    return [...new Set(facts.services.flatMap((s) => (s.kind === "Service" ? [s.name, s.host] : [s.host])))];
  if (field === "gateways")
    return ["mesh", ...facts.gateways.filter(({ type }) => type.startsWith("Gateway.networking")).map((g) => g.name)];
  if (field === "subset") return [...new Set(facts.services.flatMap((s) => s.versions.map((v) => v.name)))];
  return field === "gatewayClassName" ? facts.gatewayClasses : [];
}
