import type { X509Certificate } from "node:crypto";
import type { Tokens } from "../ca/token.ts";
import type { Peer } from "../discovery/discovery.ts";
import { type Identity, parseSpiffeId } from "../model/identity.ts";
import type { Clock } from "../std/clock.ts";
import { GRPC } from "../xds/grpc.ts";
import type { Authentication, StreamRequest } from "../xds/server.ts";
import { bearerToken } from "./control-plane.ts";

/** Characters. A ServiceAccount's token has some 1,200; what is longer is not looked at, nor sent to an API server. */
const longestToken = 8192;
const shapeOfToken = /^[\w-]+\.[\w-]+\.[\w-]*$/;

/**
 * Who opened a stream: by a certificate of the mesh that the TLS layer verified, else by a token. A certificate that is over counts for nothing,
 * and does not stand in a token's way: a proxy that was cut off for longer than its certificate's life comes back by itself. A request
 * has one answer: the port asks before anything is read, and a method again when it decides who may call it.
 */
export function authenticator(
  tokens: Pick<Tokens, "verify">,
  clock: Pick<Clock, "now">,
): (request: StreamRequest) => Promise<Authentication<Peer>> {
  const answers = new WeakMap<StreamRequest, Promise<Authentication<Peer>>>();
  const answer = async (request: StreamRequest): Promise<Authentication<Peer>> => {
    const shown = request.tls?.authorized === true ? identityOf(request.tls.certificate, clock.now()) : undefined;
    if (shown !== undefined) return { peer: { identity: shown } };
    const token = bearerToken(request);
    if (token === undefined) {
      return {
        refusal: { status: GRPC.unauthenticated, message: "neither a certificate of the mesh nor a token was shown" },
      };
    }
    if (token.length > longestToken || !shapeOfToken.test(token))
      return { refusal: { status: GRPC.unauthenticated, message: "what was shown is no token" } };
    const verified = await tokens.verify(token);
    if ("refused" in verified) {
      const status = verified.unavailable ? GRPC.unavailable : GRPC.unauthenticated;
      return { refusal: { status, message: verified.refused } };
    }
    return { peer: verified.subject };
  };
  return (request) => {
    const known = answers.get(request) ?? answer(request);
    answers.set(request, known);
    return known;
  };
}

/** Anybody, as nobody: a plaintext port serves no secret. */
export async function anonymous(): Promise<Authentication<Peer>> {
  return { peer: {} };
}

/** An X.509-SVID names one SPIFFE ID and is no authority's (https://spiffe.io/docs/latest/spiffe-specs/x509-svid/#5-validation). */
function identityOf(certificate: X509Certificate | undefined, now: number): Identity | undefined {
  if (certificate === undefined || certificate.ca) return undefined;
  // TLS looked when the connection began, which may be long ago.
  if (certificate.validToDate.getTime() <= now) return undefined;
  const names = certificate.subjectAltName?.split(", ") ?? [];
  const [uri, another] = names.filter((name) => name.startsWith("URI:"));
  return uri === undefined || another !== undefined ? undefined : parseSpiffeId(uri.slice("URI:".length));
}
