import { createPublicKey, type webcrypto } from "node:crypto";
import { BasicConstraints, CertificationRequest, Extensions } from "pkijs";

/** Longest request, in characters: an RSA key of 8,192 bits with its signature takes 3,000. */
const longest = 16_384;
const block =
  /^\s*-----BEGIN (NEW )?CERTIFICATE REQUEST-----\s([A-Za-z0-9+/=\s]+)-----END \1?CERTIFICATE REQUEST-----\s*$/;

// https://www.rfc-editor.org/rfc/rfc2986, and RFC 5280 4.2.1.9 for what no workload may ask for.
const EXTENSION_REQUEST = "1.2.840.113549.1.9.14";
const BASIC_CONSTRAINTS = "2.5.29.19";

/** SHA-2 with RSA (both paddings) and ECDSA. */
const signatures: ReadonlySet<string> = new Set([
  ...["10", "11", "12", "13"].map((n) => `1.2.840.113549.1.1.${n}`),
  ...["2", "3", "4"].map((n) => `1.2.840.10045.4.3.${n}`),
]);

/** P-256, P-384 and P-521: what Envoy's TLS takes. */
const curves: ReadonlySet<string> = new Set(["prime256v1", "secp384r1", "secp521r1"]);
const rsaBits = { least: 2048, most: 8192 } as const;

/** The key of a certificate request, or why it gets no certificate; words that may be told to the asker. */
export type SigningRequest = { readonly publicKey: webcrypto.CryptoKey } | { readonly refused: string };

/**
 * Reads a PKCS #10 request (PEM). Only its key is taken, when the signature proves that the asker has the private half: names and extensions in
 * it are wishes of somebody who may wish for anything, and what is asked for as an authority is no workload's request.
 */
export async function readSigningRequest(pem: string): Promise<SigningRequest> {
  if (pem.length > longest) return { refused: `the certificate request is longer than ${longest} characters` };
  const request = decode(pem);
  if (request === undefined)
    return { refused: "the certificate request cannot be read; send one PEM block of PKCS #10" };
  const weak = weakness(request) ?? (asksToBeAuthority(request) ? "asks for a certificate of an authority" : undefined);
  if (weak !== undefined) return { refused: `the certificate request ${weak}` };
  try {
    if (await request.verify()) return { publicKey: await request.getPublicKey() };
  } catch {
    // The same answer as for a signature that is wrong: it cannot be checked.
  }
  return { refused: "the certificate request's signature does not fit its key" };
}

function decode(pem: string): CertificationRequest | undefined {
  const base64 = block.exec(pem)?.[2];
  if (base64 === undefined) return undefined;
  try {
    return CertificationRequest.fromBER(new Uint8Array(Buffer.from(base64, "base64")));
  } catch {
    return undefined;
  }
}

/** What is too weak in it to be signed, as the end of a sentence. */
function weakness(request: CertificationRequest): string | undefined {
  if (!signatures.has(request.signatureAlgorithm.algorithmId))
    return "is not signed by RSA or ECDSA with SHA-256, SHA-384 or SHA-512";
  try {
    const der = Buffer.from(request.subjectPublicKeyInfo.toSchema().toBER(false));
    const { asymmetricKeyType: type, asymmetricKeyDetails: details = {} } = createPublicKey({
      ...{ key: der, format: "der", type: "spki" },
    });
    if (type === "ec")
      return curves.has(details.namedCurve ?? "")
        ? undefined
        : "has a key on another curve than P-256, P-384 and P-521";
    if (type !== "rsa") return "has a key that is neither RSA nor ECDSA";
    const { modulusLength = 0, publicExponent = 0n } = details;
    if (modulusLength < rsaBits.least || modulusLength > rsaBits.most)
      return `has an RSA key of ${modulusLength} bits; ${rsaBits.least} to ${rsaBits.most} are taken`;
    return publicExponent < 65_537n ? "has an RSA key with an exponent below 65537" : undefined;
  } catch {
    return "has a key that cannot be read";
  }
}

/** Whether it asks for CA:TRUE, or for extensions that cannot be read. */
function asksToBeAuthority({ attributes = [] }: CertificationRequest): boolean {
  const asked = attributes.filter(({ type }) => type === EXTENSION_REQUEST).flatMap(({ values }) => values);
  try {
    return asked
      .flatMap((schema) => new Extensions({ schema }).extensions)
      .filter(({ extnID }) => extnID === BASIC_CONSTRAINTS)
      .some(({ extnValue }) => BasicConstraints.fromBER(extnValue.valueBlock.valueHexView).cA);
  } catch {
    return true;
  }
}
