import type {
  AuthorizationCondition,
  AuthorizationOperation,
  AuthorizationPolicySpec,
  AuthorizationRule,
  AuthorizationSource,
} from "../../gen/istio/authorization-policy.ts";
import type { Resource } from "../../model/resource.ts";

/** A rule: one of the sources, one of the operations, and all further conditions. */
export interface AuthorizationRulePlan {
  /** `ns[default]-policy[ratings]-rule[0]`, as Istio names it: it stands in access logs. */
  readonly id: string;
  /** Alternatives, each a list of conditions that must all hold. */
  readonly sources: readonly (readonly Condition[])[];
  readonly operations: readonly (readonly Condition[])[];
  readonly when: readonly Condition[];
}

/** One property of a request: one of `any` holds (where there are any), and none of `none`. Values may begin or end with `*`. */
export interface Condition {
  readonly property: Property;
  readonly any: readonly string[];
  readonly none: readonly string[];
}

export type Property =
  | {
      readonly of: "source";
      readonly name:
        | "principal"
        | "namespace"
        | "serviceAccount"
        | "ip"
        | "remoteIp"
        | "requestPrincipal"
        | "trustDomain";
    }
  | { readonly of: "operation"; readonly name: "host" | "method" | "path" | "port" | "destinationIp" | "sni" }
  | { readonly of: "header"; readonly name: string }
  | { readonly of: "claim"; readonly path: readonly string[] }
  | { readonly of: "token"; readonly name: "audiences" | "presenter" }
  | { readonly of: "metadata"; readonly filter: string; readonly path: readonly string[] }
  /** A key that nobody knows: it holds for no request, and never keeps a denial from holding. */
  | { readonly of: "unknown"; readonly key: string };

/** What a policy's rules say, as they are written. */
export function rulesOf(policy: Resource<AuthorizationPolicySpec>): readonly AuthorizationRulePlan[] {
  return (policy.spec.rules ?? []).map((rule, index) =>
    rulePlan(rule ?? {}, `ns[${policy.namespace}]-policy[${policy.name}]-rule[${index}]`, policy.namespace),
  );
}

function rulePlan(rule: AuthorizationRule, id: string, namespace: string): AuthorizationRulePlan {
  return {
    id,
    sources: (rule.from ?? []).map((from) => sourceConditions(from.source ?? {}, namespace)),
    operations: (rule.to ?? []).map((to) => operationConditions(to.operation ?? {})),
    when: (rule.when ?? []).map(whenCondition),
  };
}

function sourceConditions(s: AuthorizationSource, namespace: string): readonly Condition[] {
  const accounts = (names: readonly string[] | undefined) =>
    names?.map((name) => (name.includes("/") ? name : `${namespace}/${name}`));
  const of = (name: Extract<Property, { of: "source" }>["name"], any?: readonly string[], none?: readonly string[]) =>
    condition({ of: "source", name }, any, none);
  return [
    of("principal", s.principals, s.notPrincipals),
    of("requestPrincipal", s.requestPrincipals, s.notRequestPrincipals),
    of("namespace", s.namespaces, s.notNamespaces),
    of("serviceAccount", accounts(s.serviceAccounts), accounts(s.notServiceAccounts)),
    of("trustDomain", s.trustDomains, s.notTrustDomains),
    of("ip", s.ipBlocks, s.notIpBlocks),
    of("remoteIp", s.remoteIpBlocks, s.notRemoteIpBlocks),
  ].flatMap((c) => c ?? []);
}

function operationConditions(o: AuthorizationOperation): readonly Condition[] {
  const of = (
    name: Extract<Property, { of: "operation" }>["name"],
    any?: readonly string[],
    none?: readonly string[],
  ) => condition({ of: "operation", name }, any, none);
  return [
    of("host", o.hosts, o.notHosts),
    of("method", o.methods, o.notMethods),
    of("path", o.paths, o.notPaths),
    of("port", o.ports, o.notPorts),
  ].flatMap((c) => c ?? []);
}

function condition(
  property: Property,
  any: readonly string[] = [],
  none: readonly string[] = [],
): Condition | undefined {
  return any.length + none.length === 0 ? undefined : { property, any, none };
}

function whenCondition({ key, values = [], notValues = [] }: AuthorizationCondition): Condition {
  const says = values.length + notValues.length > 0;
  return { property: says ? propertyOf(key) : { of: "unknown", key }, any: values, none: notValues };
}

const properties: Readonly<Record<string, Property>> = {
  "source.ip": { of: "source", name: "ip" },
  "remote.ip": { of: "source", name: "remoteIp" },
  "source.namespace": { of: "source", name: "namespace" },
  "source.principal": { of: "source", name: "principal" },
  "source.serviceAccount": { of: "source", name: "serviceAccount" },
  "source.trustDomain": { of: "source", name: "trustDomain" },
  "request.auth.principal": { of: "source", name: "requestPrincipal" },
  "request.auth.audiences": { of: "token", name: "audiences" },
  "request.auth.presenter": { of: "token", name: "presenter" },
  "destination.ip": { of: "operation", name: "destinationIp" },
  "destination.port": { of: "operation", name: "port" },
  "connection.sni": { of: "operation", name: "sni" },
};

/** Istio's lead of keys that read another filter's metadata. */
const metadataRoot = "experimental.";

/** `request.headers[x-user]`, `request.auth.claims[a][b]`, `experimental.envoy.filters.a.b[c]`. */
function propertyOf(key: string): Property {
  const known = properties[key];
  if (known !== undefined) return known;
  const unknown = { of: "unknown", key } as const;
  const bracket = key.indexOf("[");
  if (bracket < 0 || !key.endsWith("]")) return unknown;
  const [root, path] = [
    key.slice(0, bracket),
    [...key.slice(bracket).matchAll(/\[([^\]]*)\]/g)].map((m) => m[1] as string),
  ];
  if (path.length === 0 || path.includes("")) return unknown;
  if (root === "request.headers" && path.length === 1) return { of: "header", name: path[0] as string };
  if (root === "request.auth.claims") return { of: "claim", path };
  if (root.startsWith(metadataRoot)) return { of: "metadata", filter: root.slice(metadataRoot.length), path };
  return unknown;
}

/** Whether only HTTP knows the property. */
export function isHttpOnly(property: Property): boolean {
  if (property.of === "source") return property.name === "requestPrincipal";
  if (property.of === "operation")
    return property.name === "host" || property.name === "method" || property.name === "path";
  return property.of !== "metadata";
}
