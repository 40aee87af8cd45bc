import type { BackendTLSPolicySpec } from "../../gen/gateway-api/backend-tls-policy.ts";
import type { GatewaySpec } from "../../gen/gateway-api/gateway.ts";
import type { FieldPath } from "../../model/origin.ts";
import type { Ref, Resource } from "../../model/resource.ts";
import { types } from "../../model/types.ts";
import type { Scope, Step } from "../../track/scope.ts";
import type { RouterKey } from "../gateway/selection.ts";
import { rootsReference, systemRoots } from "../security/references.ts";
import type { Service } from "../service.ts";
import { apiGatewaysFor } from "./gateways.ts";
import { typeIn } from "./grants.ts";
import { certificateOf, isReferenceFault, type ReferenceFault, rootsOf } from "./references.ts";

/** TLS that a BackendTLSPolicy asks for towards a service. */
export interface BackendTls {
  /** Server name that is asked for. */
  readonly sni: string;
  /** Names of which the certificate must have one. */
  readonly subjectAltNames: readonly string[];
  /** See `rootsReference`; undefined: it has none, so nothing may pass. */
  readonly trust: { readonly roots: string } | undefined;
  readonly at: string;
}

/** Something that a policy cannot do: a reason of the specification's conditions. */
export interface BackendTlsFault {
  readonly condition: "Accepted" | "ResolvedRefs";
  readonly reason: ReferenceFault["reason"] | "NoValidCACertificate" | "Conflicted" | "Invalid";
  /** A sentence without a full stop. */
  readonly message: string;
  readonly path: FieldPath;
}

/** A policy at one of its targets. */
interface Claim {
  /** `type|name`. */
  readonly target: string;
  /** Name of the port that it is for; absent: all. */
  readonly section?: string;
  readonly policy: string;
  /** Place in `targetRefs`. */
  readonly index: number;
}

/** Policies of a namespace, the oldest first. Key: namespace. */
const claimsIn: Step<readonly Claim[]> = {
  name: "plan/backendTlsClaims",
  run: (scope, namespace) =>
    scope
      .list<BackendTLSPolicySpec>(types.BackendTlsPolicy, namespace)
      .toSorted((a, b) => a.createdAt - b.createdAt || (a.name < b.name ? -1 : 1))
      .flatMap(({ name, spec }) =>
        spec.targetRefs.map(({ group, kind, name: target, sectionName }, index) => ({
          target: `${typeIn(group, kind)}|${target}`,
          ...(sectionName === undefined ? {} : { section: sectionName }),
          policy: name,
          index,
        })),
      ),
};

/** Whether some policy is for a service; most have none. */
export function hasBackendTls(scope: Scope, service: Pick<Service, "type" | "namespace" | "name">): boolean {
  return scope.ask(claimsIn, service.namespace).some((c) => c.target === `${service.type}|${service.name}`);
}

/**
 * The TLS of a service's port: of a policy for that very port, else of one for the whole service; of several the oldest. Undefined where no
 * policy is for it.
 */
export function backendTls(
  scope: Scope,
  service: Pick<Service, "type" | "namespace" | "name">,
  portName: string,
): BackendTls | undefined {
  const claims = scope.ask(claimsIn, service.namespace).filter((c) => c.target === `${service.type}|${service.name}`);
  const found = claims.find((c) => c.section === portName) ?? claims.find((c) => c.section === undefined);
  return found && scope.ask(policyOf, `${service.namespace}/${found.policy}`)?.tls;
}

interface Policy {
  readonly tls: BackendTls;
  readonly faults: readonly BackendTlsFault[];
}

/** What one policy says. Key: `namespace/name`. */
const policyOf: Step<Policy | undefined> = {
  name: "plan/backendTlsPolicy",
  run: (scope, key) => {
    const slash = key.indexOf("/");
    const ref = { type: types.BackendTlsPolicy, namespace: key.slice(0, slash), name: key.slice(slash + 1) };
    const resource = scope.get<BackendTLSPolicySpec>(ref);
    return resource && policy(scope, ref, resource);
  },
};

function policy(scope: Scope, from: Ref, { spec, origin }: Resource<BackendTLSPolicySpec>): Policy {
  const { hostname, subjectAltNames = [], caCertificateRefs = [], wellKnownCACertificates } = spec.validation;
  const path: FieldPath = ["spec", "validation"];
  const names = subjectAltNames.flatMap(({ type, hostname: host, uri }) => (type === "URI" ? uri : host) ?? []);
  const tls = { sni: hostname, subjectAltNames: names.length > 0 ? names : [hostname], at: origin.at };
  if (caCertificateRefs.length === 0) {
    const roots = rootsReference([systemRoots]);
    if (wellKnownCACertificates === "System") return { tls: { ...tls, trust: { roots } }, faults: [] };
    const message = `there are no well-known CA certificates ${wellKnownCACertificates ?? ""}`.trim();
    const place = [...path, "wellKnownCACertificates"];
    return {
      tls: { ...tls, trust: undefined },
      faults: [{ condition: "Accepted", reason: "Invalid", message, path: place }],
    };
  }
  const found = caCertificateRefs.map((said) => rootsOf(scope, from, said));
  const roots = found.flatMap((f) => (isReferenceFault(f) ? [] : [f]));
  const faults = found.flatMap((f, i): readonly BackendTlsFault[] =>
    isReferenceFault(f) ? [{ condition: "ResolvedRefs", ...f, path: [...path, "caCertificateRefs", i] }] : [],
  );
  if (roots.length > 0) return { tls: { ...tls, trust: { roots: rootsReference(roots) } }, faults };
  const message = "none of its CA certificates is there: its targets get no traffic";
  const none = { condition: "Accepted", reason: "NoValidCACertificate", message, path } as const;
  return { tls: { ...tls, trust: undefined }, faults: [...faults, none] };
}

/** What is wrong with a policy, conflicts with older ones among it. */
export function backendTlsFaults(scope: Scope, namespace: string, name: string): readonly BackendTlsFault[] {
  const all = scope.ask(claimsIn, namespace);
  const conflicts = all.flatMap((claim): readonly BackendTlsFault[] => {
    if (claim.policy !== name) return [];
    const first = all.find((c) => c.target === claim.target && c.section === claim.section);
    if (first === undefined || first.policy === name) return [];
    const message = `BackendTLSPolicy ${first.policy} is for the same target, and older`;
    return [{ condition: "Accepted", reason: "Conflicted", message, path: ["spec", "targetRefs", claim.index] }];
  });
  return [...conflicts, ...(scope.ask(policyOf, `${namespace}/${name}`)?.faults ?? [])];
}

/** The certificate that a router shows to backends with such a policy: of the first of its Gateways that has one. Key: JSON of `RouterKey`. */
export const backendClientCertificate: Step<string | undefined> = {
  name: "plan/backendClientCertificate",
  run: (scope, key) => {
    const router = JSON.parse(key) as RouterKey;
    for (const gateway of scope.ask(apiGatewaysFor, JSON.stringify(router))) {
      const slash = gateway.indexOf("/");
      const ref = { type: types.KubernetesGateway, namespace: gateway.slice(0, slash), name: gateway.slice(slash + 1) };
      const said = scope.get<GatewaySpec>(ref)?.spec.tls?.backend?.clientCertificateRef;
      const found = said && certificateOf(scope, ref, said);
      if (found !== undefined && !isReferenceFault(found)) return found;
    }
    return undefined;
  },
};
