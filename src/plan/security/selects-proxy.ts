import { types } from "../../model/types.ts";
import type { Scope } from "../../track/scope.ts";
import { mesh } from "../mesh.ts";
import { selects } from "./selects.ts";

interface Choice {
  readonly namespace: string;
  readonly spec: Parameters<typeof selects>[0];
}

interface Chosen {
  readonly namespace: string;
  readonly labels: Readonly<Record<string, string>>;
}

/**
 * Whether a policy of a proxy's namespace, or of the root namespace, is for the proxy. One that names a Gateway is for that of its own namespace
 * alone; one of the root namespace may name a GatewayClass.
 */
export function selectsProxy(scope: Scope, { namespace, spec }: Choice, proxy: Chosen): boolean {
  const { targetRef, targetRefs = [] } = spec;
  const targets = [...targetRefs, ...(targetRef === undefined ? [] : [targetRef])];
  if (targets.length === 0 || namespace === proxy.namespace) return selectsHere(scope, targets, spec, proxy, namespace);
  return ofClass(scope, targets, proxy, namespace);
}

function selectsHere(scope: Scope, targets: Targets, spec: Choice["spec"], proxy: Chosen, namespace: string): boolean {
  return selects(spec, proxy.labels) || ofClass(scope, targets, proxy, namespace);
}

type Targets = NonNullable<Choice["spec"]["targetRefs"]>;

/** Of GatewayClasses only the root namespace may speak. */
function ofClass(scope: Scope, targets: Targets, { namespace, labels }: Chosen, said: string): boolean {
  const classes = targets.flatMap(({ group, kind, name }) =>
    kind === "GatewayClass" && group === "gateway.networking.k8s.io" ? [name] : [],
  );
  const name = labels["gateway.networking.k8s.io/gateway-name"];
  if (classes.length === 0 || name === undefined || said !== scope.ask(mesh, "").rootNamespace) return false;
  const gateway = scope.get<{ readonly gatewayClassName: string }>({ type: types.KubernetesGateway, namespace, name });
  return gateway !== undefined && classes.includes(gateway.spec.gatewayClassName);
}
