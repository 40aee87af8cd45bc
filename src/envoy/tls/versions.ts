import { create } from "@bufbuild/protobuf";
import {
  type TlsParameters,
  TlsParametersSchema,
  TlsParameters_TlsProtocol as TlsProtocol,
} from "../../gen/envoy/extensions/transport_sockets/tls/v3/common_pb.js";

/** TLS 1.2 or 1.3. Envoy as a client would stop at 1.2. */
export const tlsVersions: TlsParameters = tlsParameters([], []);

/** The same versions with the user's cipher suites (of TLS 1.2) and curves. */
export function tlsParameters(cipherSuites: readonly string[], curves: readonly string[]): TlsParameters {
  return create(TlsParametersSchema, {
    tlsMinimumProtocolVersion: TlsProtocol.TLSv1_2,
    tlsMaximumProtocolVersion: TlsProtocol.TLSv1_3,
    cipherSuites: [...cipherSuites],
    ecdhCurves: [...curves],
  });
}
