import type { BackendTLSPolicySpec } from "../../../gen/gateway-api/backend-tls-policy.ts";
import type { GatewaySpec } from "../../../gen/gateway-api/gateway.ts";
import type { BackendObjectReference, ParentReference } from "../../../gen/gateway-api/http-route.ts";
import { weftController } from "../../../model/gateway-class.ts";
import { kindOf, type Ref } from "../../../model/resource.ts";
import { types } from "../../../model/types.ts";
import { attachmentsOf, routeKey, routeTypes } from "../../../plan/gateway-api/attachments.ts";
import { type BackendTlsFault, backendTlsFaults } from "../../../plan/gateway-api/backend-tls.ts";
import { ownController } from "../../../plan/gateway-api/gateways.ts";
import { typeIn } from "../../../plan/gateway-api/grants.ts";
import type { Scope, Step } from "../../../track/scope.ts";
import { type Condition, holds, holdsNot, sentences } from "../condition.ts";

/** Gateway API's `PolicyAncestorStatus`. */
export interface PolicyAncestorStatus {
  readonly ancestorRef: ParentReference;
  readonly controllerName: string;
  readonly conditions: readonly Condition[];
}

/** A policy's status takes so many; others are left out. */
const most = 16;

/**
 * What became of a BackendTLSPolicy, for each Gateway of the mesh whose routes lead to a target of it; for a target that only the mesh's own clients
 * call the target itself is the ancestor. Key: `namespace/name`.
 */
export const policyAncestors: Step<readonly PolicyAncestorStatus[]> = {
  name: "operate/policyAncestors",
  run: (scope, key) => {
    const slash = key.indexOf("/");
    const [namespace, name] = [key.slice(0, slash), key.slice(slash + 1)];
    const policy = scope.get<BackendTLSPolicySpec>({ type: types.BackendTlsPolicy, namespace, name });
    if (policy === undefined) return [];
    const conditions = conditionsOf(backendTlsFaults(scope, namespace, name));
    const targets = policy.spec.targetRefs.map(({ group, kind, name: target }) => ({
      type: typeIn(group, kind),
      namespace,
      name: target,
    }));
    const ancestors = targets.flatMap((target) => ancestorsOf(scope, target));
    const distinct = new Map(ancestors.map((a) => [JSON.stringify(a), a]));
    return [...distinct.values()].slice(0, most).map((ancestor) => ({ ...ancestor, conditions }));
  },
};

type Ancestor = Pick<PolicyAncestorStatus, "ancestorRef" | "controllerName">;

function ancestorsOf(scope: Scope, target: Ref): readonly Ancestor[] {
  const gateways = [
    ...(scope.namespaces(types.KubernetesGateway).length === 0 ? [] : scope.ask(gatewaysTo, keyOf(target))),
  ];
  if (gateways.length === 0) return [{ ancestorRef: referenceTo(target), controllerName: weftController }];
  return gateways.map((gateway) => {
    const className = scope.get<GatewaySpec>(gateway)?.spec.gatewayClassName ?? "";
    return { ancestorRef: referenceTo(gateway), controllerName: ownController(scope, className) ?? weftController };
  });
}

function referenceTo({ type, namespace, name }: Ref): ParentReference {
  const kind = kindOf(type);
  return { group: type.slice(kind.length + 1), kind, namespace, name };
}

function keyOf({ type, namespace, name }: Ref): string {
  return `${type}|${namespace}/${name}`;
}

/** Gateways of the mesh whose routes lead to a backend. Key: `type|namespace/name`. */
const gatewaysTo: Step<readonly Ref[]> = {
  name: "operate/gatewaysTo",
  run: (scope, backend) => {
    const namespaces = new Set(routeTypes.flatMap((type) => scope.namespaces(type)));
    const all = [...namespaces]
      .sort()
      .flatMap((namespace) => scope.ask(gatewaysByBackend, namespace).get(backend) ?? []);
    return [...new Map(all.map((gateway) => [keyOf(gateway), gateway])).values()];
  },
};

interface RouteSpec {
  readonly rules?: readonly { readonly backendRefs?: readonly BackendObjectReference[] }[];
}

/** Backend → Gateways that routes of a namespace lead to it. Key: the namespace. */
const gatewaysByBackend: Step<ReadonlyMap<string, readonly Ref[]>> = {
  name: "operate/gatewaysByBackend",
  run: (scope, namespace) => {
    const pairs = routeTypes.flatMap((type) =>
      scope.list<RouteSpec>(type, namespace).flatMap(({ name, spec }) => {
        const at = scope.ask(attachmentsOf, routeKey({ type, namespace, name })).filter((a) => a.fits.length > 0);
        const backends = (spec.rules ?? []).flatMap((rule) => rule.backendRefs ?? []);
        return backends.flatMap((said) => at.map(({ gateway }) => ({ backend: backendKey(namespace, said), gateway })));
      }),
    );
    const byBackend = Map.groupBy(pairs, (p) => p.backend);
    return new Map([...byBackend].map(([backend, all]) => [backend, all.map((p) => p.gateway)]));
  },
};

function backendKey(namespace: string, said: BackendObjectReference): string {
  const type = typeIn(said.group ?? "", said.kind ?? "Service");
  return keyOf({ type, namespace: said.namespace ?? namespace, name: said.name });
}

function conditionsOf(faults: readonly BackendTlsFault[]): readonly Condition[] {
  return (["Accepted", "ResolvedRefs"] as const).map((type) => {
    const own = faults.filter((f) => f.condition === type);
    const [first] = own;
    if (first === undefined)
      return holds(type, type === "Accepted" ? "The mesh does as it says." : "All that it refers to was found.");
    const reason = first.reason === "InvalidCACertificateKind" ? "InvalidKind" : first.reason;
    return holdsNot(type, reason, sentences(own.map((f) => f.message)));
  });
}
