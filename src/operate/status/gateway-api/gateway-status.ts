import type { GatewaySpec } from "../../../gen/gateway-api/gateway.ts";
import type { Resource } from "../../../model/resource.ts";
import { types } from "../../../model/types.ts";
import { isOwnGateway } from "../../../plan/gateway-api/gateways.ts";
import { apiListeners, type ListenerPlan, listenerSets, mayAdd } from "../../../plan/gateway-api/listeners.ts";
import { certificateOf, isReferenceFault } from "../../../plan/gateway-api/references.ts";
import type { Scope, Step } from "../../../track/scope.ts";
import { type Condition, holds, holdsNot, sentences } from "../condition.ts";
import { type Reach, reach } from "./addresses.ts";
import { isAttached } from "./listener-set-status.ts";
import { isAccepted, type ListenerStatus, listenerStatuses, ownListeners } from "./listener-status.ts";

export interface GatewayStatus {
  readonly addresses: Reach["addresses"];
  readonly conditions: readonly Condition[];
  readonly listeners: readonly ListenerStatus[];
  /** How many ListenerSets add to it; absent: none. */
  readonly attachedListenerSets?: number;
}

/** What became of a Gateway of the mesh; undefined for another controller's. Key: `namespace/name`. */
export const gatewayStatus: Step<GatewayStatus | undefined> = {
  name: "operate/gatewayStatus",
  run: (scope, key) => {
    const slash = key.indexOf("/");
    const ref = { type: types.KubernetesGateway, namespace: key.slice(0, slash), name: key.slice(slash + 1) };
    const gateway = scope.get<GatewaySpec>(ref);
    if (gateway === undefined || !isOwnGateway(scope, gateway)) return undefined;
    const all = scope.ask(apiListeners, key);
    const own = ownListeners(ref, all);
    const ports = all.filter((l) => l.serves).map((l) => l.port);
    const found = reach(scope, gateway, [...new Set(ports)]);
    const sets = listenerSets(scope, gateway).filter(
      (set) => mayAdd(scope, gateway, set) && isAttached(ownListeners(set, all)),
    );
    return {
      addresses: found.addresses,
      conditions: [
        accepted(own),
        programmed(own, found),
        resolvedRefs(scope, gateway),
        ...insecureFrontend(gateway.spec),
      ],
      listeners: listenerStatuses(scope, ref, all),
      ...(sets.length === 0 ? {} : { attachedListenerSets: sets.length }),
    };
  },
};

function accepted(own: readonly ListenerPlan[]): Condition {
  const bad = own.filter((l) => !isAccepted(l));
  if (bad.length === 0) return holds("Accepted", "The mesh takes it.");
  const message = `The mesh cannot take ${bad.length} of its ${own.length} listeners: ${bad.map((l) => l.name).join(", ")}.`;
  return bad.length < own.length
    ? holds("Accepted", message, "ListenersNotValid")
    : holdsNot("Accepted", "ListenersNotValid", message);
}

function programmed(own: readonly ListenerPlan[], { fault, services }: Reach): Condition {
  if (own.length > 0 && own.every((l) => !l.serves))
    return holdsNot("Programmed", "Invalid", "None of its listeners serves: see their conditions.");
  return fault === undefined
    ? holds("Programmed", `Its router serves at ${services.join(", ")}.`)
    : holdsNot("Programmed", fault.reason, sentences([fault.message]));
}

/** References that are of no listener: the certificate that its router shows to backends. */
function resolvedRefs(scope: Scope, { type, namespace, name, spec }: Resource<GatewaySpec>): Condition {
  const said = spec.tls?.backend?.clientCertificateRef;
  const found = said && certificateOf(scope, { type, namespace, name }, said);
  if (found === undefined || !isReferenceFault(found)) return holds("ResolvedRefs", "All that it refers to was found.");
  const reason = found.reason === "InvalidCertificateRef" ? "InvalidClientCertificateRef" : found.reason;
  return holdsNot("ResolvedRefs", reason, sentences([found.message]));
}

/** Says so where clients without a valid certificate are let in. */
function insecureFrontend({ tls }: GatewaySpec): readonly Condition[] {
  const frontend = tls?.frontend;
  const all = [frontend?.default, ...(frontend?.perPort ?? []).map((p) => p.tls)];
  if (!all.some((one) => one?.validation?.mode === "AllowInsecureFallback")) return [];
  const message = "Clients without a valid certificate are let in: its mode of validation is AllowInsecureFallback.";
  return [holds("InsecureFrontendValidationMode", message, "ConfigurationChanged")];
}
