import { create } from "@bufbuild/protobuf";
import type { TransportSocket } from "../../gen/envoy/config/core/v3/base_pb.js";
import { DownstreamTlsContextSchema } from "../../gen/envoy/extensions/transport_sockets/tls/v3/tls_pb.js";
import type { MeshMtls } from "../../plan/security/mesh-mtls.ts";
import { meshContext } from "./mesh-context.ts";
import { noResumption } from "./resumption.ts";
import type { SecretsFrom } from "./secret-source.ts";
import { uriMatcher } from "./subject-alt-names.ts";
import { downstreamTls } from "./transport-socket.ts";
import { unreadAlpn } from "./unread.ts";
import { tlsParameters } from "./versions.ts";

type Sockets = Readonly<Record<SecretsFrom, TransportSocket>>;

// One for all chains of all sidecars.
const built = new WeakMap<MeshMtls, Sockets>();

/**
 * The mesh's mTLS towards a caller, who must show a certificate of the mesh; who it is, is for policies to judge. Offers HTTP/2 and HTTP/1.1 by
 * ALPN. Without `asked` (a gateway's own server) a caller may be of any trust domain that the roots vouch for.
 */
export function downstreamMtls(from: SecretsFrom, asked?: MeshMtls): TransportSocket {
  if (asked === undefined) return sockets[from];
  const known = built.get(asked) ?? both(asked);
  built.set(asked, known);
  return known[from];
}

/** The same for callers whose HTTP passes unread. */
export function unreadMtls(from: SecretsFrom, asked: MeshMtls = { trustDomains: [] }): TransportSocket {
  return build(from, asked, Object.values(unreadAlpn));
}

function both(asked: MeshMtls): Sockets {
  return { ads: build("ads", asked), "sds-grpc": build("sds-grpc", asked) };
}

function build(
  from: SecretsFrom,
  { trustDomains, also12, cipherSuites = [] }: MeshMtls,
  alpn: readonly string[] = ["h2", "http/1.1"],
): TransportSocket {
  const params = tlsParameters(cipherSuites, []);
  if (!also12) params.tlsMinimumProtocolVersion = params.tlsMaximumProtocolVersion;
  const names = trustDomains.map((domain) => uriMatcher({ prefix: `spiffe://${domain}/` }));
  return downstreamTls(
    create(DownstreamTlsContextSchema, {
      commonTlsContext: meshContext(from, names, alpn, params),
      requireClientCertificate: true,
      ...noResumption,
    }),
  );
}

const sockets = both({ trustDomains: [] });
