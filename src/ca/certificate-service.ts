import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import {
  type IstioCertificateRequest,
  IstioCertificateRequestSchema,
  IstioCertificateResponseSchema,
} from "../gen/security/v1alpha1/ca_pb.js";
import type { Identity } from "../model/identity.ts";
import type { Authority } from "./authority.ts";

/** Path of the method that Istio's agents call: security/v1alpha1/ca.proto. */
export const CREATE_CERTIFICATE = "/istio.v1.auth.IstioCertificateService/CreateCertificate";

/** The encoded answer, or a gRPC status with words for the caller. */
export type CertificateAnswer = Uint8Array | { readonly status: number; readonly message: string };

const INVALID_ARGUMENT = 3;
const PERMISSION_DENIED = 7;

/** Answers an encoded IstioCertificateRequest of a caller whose identity was verified: leaf first, root last. */
export async function createCertificate(
  authority: Pick<Authority, "signRequest">,
  message: Uint8Array,
  caller: Identity,
): Promise<CertificateAnswer> {
  const request = decode(message);
  if (!request) return { status: INVALID_ARGUMENT, message: "this is not an IstioCertificateRequest" };
  // A node's proxy asks so for the workloads that it serves; a certificate of the caller's own would be the wrong one.
  if (request.metadata?.["ImpersonatedIdentity"] !== undefined) {
    return { status: PERMISSION_DENIED, message: "certificates are issued for the caller's own identity alone" };
  }
  const wish = Number(request.validityDuration) * 1000;
  const chain = await authority.signRequest(request.csr, caller, wish > 0 ? wish : undefined);
  if ("refused" in chain) return { status: INVALID_ARGUMENT, message: chain.refused };
  return toBinary(IstioCertificateResponseSchema, create(IstioCertificateResponseSchema, { certChain: [...chain] }));
}

function decode(message: Uint8Array): IstioCertificateRequest | undefined {
  try {
    return fromBinary(IstioCertificateRequestSchema, message);
  } catch {
    return undefined;
  }
}
