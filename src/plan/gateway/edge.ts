import type { MeshConfigMeshMTLS } from "../../gen/istio/mesh-config.ts";
import type { Step } from "../../track/scope.ts";
import { mesh } from "../mesh.ts";
import { type ClientCertMode, clientCertMode } from "../proxy/http-settings.ts";
import { proxyConfigOf } from "../proxy/proxy-config.ts";

/** What is said of a gateway as a whole: who stands before them, and which TLS they offer where a server does not say. */
export interface Edge {
  /** Proxies before the gateway whose `x-forwarded-for` is believed. */
  readonly trustedProxies: number;
  /** What becomes of `x-forwarded-client-cert`; undefined is Istio's default. */
  readonly forwardClientCert?: ClientCertMode;
  /** Each connection opens with a PROXY header. */
  readonly proxyProtocol: boolean;
  readonly tls: TlsDefaults;
}

export interface TlsDefaults {
  readonly cipherSuites: readonly string[];
  readonly curves: readonly string[];
  readonly minProtocolVersion?: NonNullable<MeshConfigMeshMTLS["minProtocolVersion"]>;
}

/**
 * Of ProxyConfig's `gatewayTopology` and MeshConfig's `tlsDefaults`. Key: text of the Pod's annotation `proxy.istio.io/config`, empty for none;
 * what it says is not checked.
 */
export const edge: Step<Edge> = {
  name: "plan/edge",
  run: (scope, annotation) => {
    const { tlsDefaults } = scope.ask(mesh, "").raw;
    const { gatewayTopology } = scope.ask(proxyConfigOf, annotation);
    const { numTrustedProxies, forwardClientCertDetails, proxyProtocol } = gatewayTopology ?? {};
    const { cipherSuites = [], ecdhCurves: curves = [], minProtocolVersion } = tlsDefaults ?? {};
    const said = clientCertMode(forwardClientCertDetails);
    return {
      trustedProxies: Number.isInteger(numTrustedProxies) ? (numTrustedProxies as number) : 0,
      ...(said === undefined ? {} : { forwardClientCert: said }),
      proxyProtocol: proxyProtocol !== undefined,
      tls: { cipherSuites, curves, ...(minProtocolVersion === undefined ? {} : { minProtocolVersion }) },
    };
  },
};
