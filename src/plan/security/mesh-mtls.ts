import type { Step } from "../../track/scope.ts";
import { mesh } from "../mesh.ts";
import { cipherSuites } from "./cipher-suites.ts";

/** What callers of a sidecar must show and speak. Curves of MeshConfig's `meshMTLS` do not count for it, in Istio neither. */
export interface MeshMtls {
  /** A caller's SPIFFE ID must be of one of these: the mesh's own and its aliases. */
  readonly trustDomains: readonly string[];
  /** TLS 1.2 is enough, where MeshConfig says so; the mesh's own proxies speak 1.3. */
  readonly also12?: true;
  /** Of TLS 1.2; empty for Envoy's own. */
  readonly cipherSuites?: readonly string[];
}

/** Key: none. */
export const meshMtls: Step<MeshMtls> = {
  name: "plan/meshMtls",
  run: (scope) => {
    const { trustDomain, trustDomainAliases, raw } = scope.ask(mesh, "");
    const { minProtocolVersion, cipherSuites: said = [] } = raw.meshMTLS ?? {};
    // As in Istio those that nobody knows do not count.
    const suites = [...new Set(said)].filter((suite) => cipherSuites.has(suite));
    return {
      trustDomains: [...new Set([trustDomain, ...trustDomainAliases])],
      ...(minProtocolVersion === "TLSV1_2" ? { also12: true } : {}),
      ...(suites.length === 0 ? {} : { cipherSuites: suites }),
    };
  },
};
