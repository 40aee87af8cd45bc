import type { Authority } from "../ca/authority.ts";
import { CREATE_CERTIFICATE, createCertificate, type Impersonation } from "../ca/certificate-service.ts";
import type { Peer } from "../discovery/discovery.ts";
import type { Log } from "../std/log.ts";
import type { ControlPlaneMetrics } from "../telemetry/control-plane.ts";
import { GRPC } from "../xds/grpc.ts";
import type { StreamRequest, XdsServerOptions } from "../xds/server.ts";
import type { UnaryMethod } from "../xds/unary.ts";

export interface CertificateMethodOptions {
  readonly authority: Authority;
  readonly impersonation?: Impersonation;
  readonly authenticate: XdsServerOptions<Peer>["authenticate"];
  readonly metrics: Pick<ControlPlaneMetrics, "signed">;
  readonly log: Log;
}

/** The method that Istio's own agents ask for certificates. The caller is known before its request is read. */
export function certificateMethod({
  authenticate,
  metrics,
  log,
  ...options
}: CertificateMethodOptions): readonly [string, UnaryMethod<StreamRequest>] {
  const service = { ...options, warn: log.warn };
  return [
    CREATE_CERTIFICATE,
    async (message, request) => {
      const caller = await authenticate(request);
      const refusal = "refusal" in caller ? caller.refusal : undefined;
      const identity = "peer" in caller ? caller.peer.identity : undefined;
      if (!("peer" in caller) || identity === undefined) {
        metrics.signed("authentication");
        const nobody = { status: GRPC.unauthenticated, message: "certificates are for verified identities alone" };
        log.warn("certificate request refused", {
          remoteAddress: request.remoteAddress,
          reason: (refusal ?? nobody).message,
        });
        return refusal ?? nobody;
      }
      const answer = await createCertificate(service, message, { ...caller.peer, identity });
      metrics.signed(answer instanceof Uint8Array ? "ok" : answer.failure);
      return answer;
    },
  ];
}

/** Counts who asks for a certificate and is nobody: the port refuses such a call before its method hears of it. */
export function strangersCounted(metrics: CertificateMethodOptions["metrics"]): (request: StreamRequest) => void {
  return ({ headers }) => {
    if (headers[":path"] === CREATE_CERTIFICATE) metrics.signed("authentication");
  };
}
