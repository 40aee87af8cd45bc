import type { Tokens } from "../ca/token.ts";
import type { Peer } from "../discovery/discovery.ts";
import { parseSpiffeId } from "../model/identity.ts";
import { GRPC } from "../xds/grpc.ts";
import type { Authentication, StreamRequest } from "../xds/server.ts";
import { bearerToken } from "./control-plane.ts";

/** Who opened a stream: by a certificate of the mesh that the TLS layer verified, else by a token. */
export function authenticator(
  tokens: Pick<Tokens, "verify">,
): (request: StreamRequest) => Promise<Authentication<Peer>> {
  return async (request) => {
    const shown = request.tls?.authorized === true ? identityOf(request.tls.certificate?.subjectAltName) : undefined;
    if (shown !== undefined) return { peer: { identity: shown } };
    const token = bearerToken(request);
    if (token === undefined) {
      return {
        refusal: { status: GRPC.unauthenticated, message: "neither a certificate of the mesh nor a token was shown" },
      };
    }
    const verified = await tokens.verify(token);
    if ("refused" in verified) {
      const status = verified.unavailable ? GRPC.unavailable : GRPC.unauthenticated;
      return { refusal: { status, message: verified.refused } };
    }
    return { peer: verified.subject };
  };
}

/** Anybody, as nobody: a plaintext port serves no secret. */
export async function anonymous(): Promise<Authentication<Peer>> {
  return { peer: {} };
}

function identityOf(subjectAltName: string | undefined) {
  const uri = subjectAltName?.split(", ").find((name) => name.startsWith("URI:spiffe://"));
  return uri === undefined ? undefined : parseSpiffeId(uri.slice("URI:".length));
}
