import type { Step } from "../../track/scope.ts";
import { mesh } from "../mesh.ts";
import { cipherSuites } from "./cipher-suites.ts";

/** What MeshConfig's `meshMTLS` asks of callers of a sidecar; empty where it says nothing. Curves do not count for it, in Istio neither. */
export interface MeshMtls {
  /** TLS 1.3 at the least, not 1.2. */
  readonly only13?: true;
  /** Of TLS 1.2; empty for Envoy's own. */
  readonly cipherSuites?: readonly string[];
}

/** Key: none. */
export const meshMtls: Step<MeshMtls> = {
  name: "plan/meshMtls",
  run: (scope) => {
    const { minProtocolVersion, cipherSuites: said = [] } = scope.ask(mesh, "").raw.meshMTLS ?? {};
    // As in Istio those that nobody knows do not count.
    const suites = [...new Set(said)].filter((suite) => cipherSuites.has(suite));
    return {
      ...(minProtocolVersion === "TLSV1_3" ? { only13: true } : {}),
      ...(suites.length === 0 ? {} : { cipherSuites: suites }),
    };
  },
};
