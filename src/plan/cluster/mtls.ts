import type { PeerAuthenticationSpec } from "../../gen/istio/peer-authentication.ts";
import { types } from "../../model/types.ts";
import { listAll, type Scope, type Step } from "../../track/scope.ts";
import type { Endpoint } from "../endpoint.ts";
import { endpoints } from "../registry/endpoints.ts";
import { inboundMtls } from "../security/peer-authentication.ts";

/** `endpoints`, where those that a PeerAuthentication forbids mTLS say so. Key: `endpointsKey`. */
export const endpointsWithMtls: Step<readonly Endpoint[]> = {
  name: "plan/endpointsWithMtls",
  run: (scope, key) => {
    const all = scope.ask(endpoints, key);
    if (!scope.ask(mtlsForbidden, "")) return all;
    return all.map((e) => (e.mtls && forbids(scope, e) ? { ...e, mtls: false } : e));
  },
};

/** Whether any PeerAuthentication switches mTLS off: else nobody need ask for each endpoint. Key: none. */
const mtlsForbidden: Step<boolean> = {
  name: "plan/mtlsForbidden",
  run: (scope) =>
    listAll<PeerAuthenticationSpec>(scope, types.PeerAuthentication).some(
      ({ spec }) =>
        spec.mtls?.mode === "DISABLE" || Object.values(spec.portLevelMtls ?? {}).some((m) => m.mode === "DISABLE"),
    ),
};

function forbids(scope: Scope, { workload, labels, port }: Endpoint): boolean {
  const { mode, ports } = scope.ask(inboundMtls, JSON.stringify({ namespace: workload.namespace, labels }));
  return (ports[port] ?? mode) === "DISABLE";
}
