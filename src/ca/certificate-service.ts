import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import {
  type IstioCertificateRequest,
  IstioCertificateRequestSchema,
  IstioCertificateResponseSchema,
} from "../gen/security/v1alpha1/ca_pb.js";
import { type Identity, parseSpiffeId } from "../model/identity.ts";
import type { Authority } from "./authority.ts";

/** Path of the method that Istio's agents call: security/v1alpha1/ca.proto. */
export const CREATE_CERTIFICATE = "/istio.v1.auth.IstioCertificateService/CreateCertificate";

/** Why a request got no certificate, as istiod counts it. */
export type Failure = "authentication" | "csr_parsing" | "id_extraction" | "csr_sign";

/** The encoded answer, or a gRPC status with words for the caller. */
export type CertificateAnswer =
  | Uint8Array
  | { readonly status: number; readonly message: string; readonly failure: Failure };

/** Who asks; the identity was verified. */
export interface Caller {
  readonly identity: Identity;
  /** The Pod that the shown token is bound to. */
  readonly pod?: string;
  readonly podUid?: string;
}

/** Whether a node's proxy may have a certificate of a workload that it serves; if not, why: for the log, not for the caller. */
export type Impersonation = (caller: Caller, wanted: Identity) => { readonly refused: string } | undefined;

export interface CertificateServiceOptions {
  readonly authority: Pick<Authority, "signRequest" | "trustDomain">;
  /** Absent: nobody may. */
  readonly impersonation?: Impersonation;
  /** Hears of what callers are not told. */
  readonly warn: (message: string, fields: Readonly<Record<string, unknown>>) => void;
}

const INVALID_ARGUMENT = 3;
const PERMISSION_DENIED = 7;
const FAILED_PRECONDITION = 9;
const UNAVAILABLE = 14;
const UNAUTHENTICATED = 16;

/** Answers an encoded IstioCertificateRequest of a caller whose identity was verified: leaf first, root last. */
export async function createCertificate(
  options: CertificateServiceOptions,
  message: Uint8Array,
  caller: Caller,
): Promise<CertificateAnswer> {
  const request = decode(message);
  if (!request) return refusal(INVALID_ARGUMENT, "this is not an IstioCertificateRequest", "csr_parsing");
  const signer = textOf(request, "CertSigner");
  // A certificate of ours would be the wrong one for whoever asked for another's.
  if (signer !== undefined)
    return refusal(FAILED_PRECONDITION, `there is no signer "${signer.slice(0, 200)}" here`, "csr_sign");
  const subject = subjectOf(options, request, caller);
  if ("status" in subject) return subject;
  const wish = Number(request.validityDuration) * 1000;
  try {
    const chain = await options.authority.signRequest(request.csr, subject, wish > 0 ? wish : undefined);
    if ("refused" in chain) return refusal(INVALID_ARGUMENT, chain.refused, "csr_parsing");
    return toBinary(IstioCertificateResponseSchema, create(IstioCertificateResponseSchema, { certChain: [...chain] }));
  } catch (error) {
    options.warn("a certificate request was not signed", { error: (error as Error).message });
    return refusal(UNAVAILABLE, "the certificate authority cannot sign now; ask again later", "csr_sign");
  }
}

/** Whose certificate it shall be: the caller's own, or that of a workload whose node's proxy the caller is. */
function subjectOf(
  { authority, impersonation, warn }: CertificateServiceOptions,
  request: IstioCertificateRequest,
  caller: Caller,
): Identity | Exclude<CertificateAnswer, Uint8Array> {
  const { trustDomain } = authority;
  if (caller.identity.trustDomain !== trustDomain)
    return refusal(PERMISSION_DENIED, `certificates are for identities of ${trustDomain} alone`, "id_extraction");
  const said = textOf(request, "ImpersonatedIdentity");
  if (said === undefined) return caller.identity;
  const wanted = parseSpiffeId(said);
  const foreign = { refused: `it is no identity of ${trustDomain}` };
  const nobody = { refused: "no account is trusted to ask for others" };
  const refused =
    wanted === undefined || wanted.trustDomain !== trustDomain
      ? foreign
      : impersonation === undefined
        ? nobody
        : impersonation(caller, wanted);
  if (refused === undefined) return wanted as Identity;
  warn("a certificate of another's identity was refused", {
    caller: caller.identity,
    wanted: said.slice(0, 300),
    reason: refused.refused,
  });
  return refusal(UNAUTHENTICATED, "certificates are issued for the caller's own identity alone", "authentication");
}

/** What the request's metadata says of one thing. An empty text counts as none, as in Istio; what is no text is none that is known. */
function textOf({ metadata }: IstioCertificateRequest, name: string): string | undefined {
  const value = metadata?.[name];
  if (value === undefined || value === "") return undefined;
  return typeof value === "string" ? value : "not a text";
}

function refusal(status: number, message: string, failure: Failure) {
  return { status, message, failure };
}

function decode(message: Uint8Array): IstioCertificateRequest | undefined {
  try {
    return fromBinary(IstioCertificateRequestSchema, message);
  } catch {
    return undefined;
  }
}
