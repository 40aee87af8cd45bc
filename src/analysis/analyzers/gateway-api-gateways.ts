import type { GatewaySpec } from "../../gen/gateway-api/gateway.ts";
import type { ListenerSetSpec } from "../../gen/gateway-api/listener-set.ts";
import { isManaged } from "../../model/gateway-class.ts";
import type { Resource } from "../../model/resource.ts";
import { types } from "../../model/types.ts";
import { attachedTo } from "../../plan/gateway-api/attachments.ts";
import { backendTlsFaults } from "../../plan/gateway-api/backend-tls.ts";
import { isOwnGateway } from "../../plan/gateway-api/gateways.ts";
import { typeIn } from "../../plan/gateway-api/grants.ts";
import { apiListeners, type ListenerPlan, mayAdd } from "../../plan/gateway-api/listeners.ts";
import { type IngressSpec, whyNot } from "../../plan/ingress/ingress.ts";
import type { Scope } from "../../track/scope.ts";
import { type Analyzer, type Finding, forAll, forEach, ownReport } from "../finding.ts";

const steps = [
  forEach<GatewaySpec>("gatewayApiGateways", types.KubernetesGateway, ofGateway),
  forEach<ListenerSetSpec>("gatewayApiListenerSets", types.ListenerSet, ofListenerSet),
  forEach("gatewayApiBackendTls", types.BackendTlsPolicy, (scope, policy) =>
    backendTlsFaults(scope, policy.namespace, policy.name).map(({ reason, message, path }) =>
      ownReport(policy, "WEFT0107", `${message} (${reason})`, path),
    ),
  ),
  forEach<IngressSpec>("ingresses", types.Ingress, ofIngress),
];

export const gatewayApiGateways: Analyzer = {
  name: "gatewayapi.GatewayAnalyzer",
  description: "Checks what becomes of Gateways, ListenerSets, BackendTLSPolicies and Ingresses",
  inputs: [types.KubernetesGateway, types.GatewayClass, types.ListenerSet, types.BackendTlsPolicy, types.Ingress],
  codes: ["WEFT0105", "WEFT0106", "WEFT0107", "WEFT0108", "WEFT0109"],
  also: ["KIA1503", "KIA1504"],
  step: forAll("gatewayApi", (scope) => steps.flatMap((step) => scope.ask(step, ""))),
};

function ofGateway(scope: Scope, gateway: Resource<GatewaySpec>): readonly Finding[] {
  if (!isOwnGateway(scope, gateway)) {
    const message = `its class ${gateway.spec.gatewayClassName} is not the mesh's: nothing comes of it`;
    return [ownReport(gateway, "WEFT0105", message, ["spec", "gatewayClassName"], "KIA1504")];
  }
  const key = `${gateway.namespace}/${gateway.name}`;
  return [...ofAddresses(gateway), ...ofListeners(scope, gateway, scope.ask(apiListeners, key))];
}

/** What a router on this machine does not do with addresses. */
function ofAddresses(gateway: Resource<GatewaySpec>): readonly Finding[] {
  const { addresses = [] } = gateway.spec;
  const managed = isManaged(addresses);
  return addresses.flatMap(({ type = "IPAddress", value }, index) => {
    const given = managed ? value : type !== "Hostname";
    if (!given) return [];
    const message = `the address ${value ?? type} is not given to it: it has the address of its Service (AddressNotAssigned)`;
    return [ownReport(gateway, "WEFT0106", message, ["spec", "addresses", index])];
  });
}

function ofListenerSet(scope: Scope, set: Resource<ListenerSetSpec>): readonly Finding[] {
  const { group, kind, name, namespace = set.namespace } = set.spec.parentRef;
  const type = typeIn(group ?? "gateway.networking.k8s.io", kind ?? "Gateway");
  const gateway = scope.get<GatewaySpec>({ type, namespace, name });
  const path = ["spec", "parentRef"];
  if (type !== types.KubernetesGateway || gateway === undefined)
    return [ownReport(set, "WEFT0105", `there is no Gateway ${namespace}/${name}: nothing comes of it`, path)];
  if (!isOwnGateway(scope, gateway)) return [];
  if (!mayAdd(scope, gateway, set)) {
    const message = `the Gateway ${namespace}/${name} takes no ListenerSets of namespace ${set.namespace} (NotAllowed)`;
    return [ownReport(set, "WEFT0105", message, path)];
  }
  return ofListeners(scope, set, scope.ask(apiListeners, `${namespace}/${name}`));
}

/** What is wrong with the listeners that an object holds, and which of them no route is at. */
function ofListeners(scope: Scope, holder: Resource, all: readonly ListenerPlan[]): readonly Finding[] {
  const own = all.filter(
    (l) => l.holder.type === holder.type && l.holder.namespace === holder.namespace && l.holder.name === holder.name,
  );
  return own.flatMap((listener, index) => {
    const faults = listener.faults.map(({ condition, reason, message, path }) => {
      const so = listener.serves ? "" : "does not serve: ";
      return ownReport(
        holder,
        listener.serves ? "WEFT0108" : "WEFT0106",
        `listener ${listener.name} ${so}${message} (${reason})`,
        path,
        condition === "Conflicted" ? "KIA1503" : undefined,
      );
    });
    if (faults.length > 0 || scope.ask(attachedTo, listener.key).length > 0) return faults;
    const message = `no route is at listener ${listener.name}`;
    return [ownReport(holder, "WEFT0109", message, ["spec", "listeners", index])];
  });
}

function ofIngress(scope: Scope, ingress: Resource<IngressSpec>): readonly Finding[] {
  const why = whyNot(scope, ingress);
  return why === undefined
    ? []
    : [ownReport(ingress, "WEFT0105", `nothing comes of it: ${why}`, ["spec", "ingressClassName"])];
}
