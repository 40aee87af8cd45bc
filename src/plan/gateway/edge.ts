import type { MeshConfigMeshMTLS, Topology } from "../../gen/istio/mesh-config.ts";
import type { Step } from "../../track/scope.ts";
import { mesh } from "../mesh.ts";

/** What the mesh says of all its gateways: who stands before them, and which TLS they offer where a server does not say. */
export interface Edge {
  /** Proxies before the gateway whose `x-forwarded-for` is believed. */
  readonly trustedProxies: number;
  /** What becomes of `x-forwarded-client-cert`; undefined is Istio's default. */
  readonly forwardClientCert?: Exclude<Topology["forwardClientCertDetails"], "UNDEFINED" | undefined>;
  /** Each connection opens with a PROXY header. */
  readonly proxyProtocol: boolean;
  readonly tls: TlsDefaults;
}

export interface TlsDefaults {
  readonly cipherSuites: readonly string[];
  readonly curves: readonly string[];
  readonly minProtocolVersion?: NonNullable<MeshConfigMeshMTLS["minProtocolVersion"]>;
}

/** Key: none. Source: MeshConfig's `defaultConfig.gatewayTopology` and `tlsDefaults`. */
export const edge: Step<Edge> = {
  name: "plan/edge",
  run: (scope) => {
    const { defaultConfig, tlsDefaults } = scope.ask(mesh, "").raw;
    const { numTrustedProxies = 0, forwardClientCertDetails, proxyProtocol } = defaultConfig?.gatewayTopology ?? {};
    const { cipherSuites = [], ecdhCurves: curves = [], minProtocolVersion } = tlsDefaults ?? {};
    const said = forwardClientCertDetails === "UNDEFINED" ? undefined : forwardClientCertDetails;
    return {
      trustedProxies: numTrustedProxies,
      ...(said === undefined ? {} : { forwardClientCert: said }),
      proxyProtocol: proxyProtocol !== undefined,
      tls: { cipherSuites, curves, ...(minProtocolVersion === undefined ? {} : { minProtocolVersion }) },
    };
  },
};
