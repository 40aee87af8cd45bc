import { verifyingKeys } from "../../std/json-web-keys.ts";

/** Gets a document; rejects with a text for people. */
export type GetDocument = (
  url: string,
  limits: { readonly timeoutMs: number; readonly maxBytes: number },
) => Promise<{ readonly bytes: Uint8Array; readonly maxAge?: number }>;

/** Where the keys of tokens are: at a URL, or where their issuer says that they are. */
export type KeysAt = { readonly url: string } | { readonly issuer: string };

/** Every proxy holds them. */
const maxBytes = 256 * 1024;

const wellKnown = "/.well-known/openid-configuration";

/** Fetches keys. Source of what an issuer says: OpenID Connect Discovery 1.0, 4. */
export async function fetchKeys(
  at: KeysAt,
  timeoutMs: number,
  get: GetDocument,
): Promise<{ readonly keys: string; readonly maxAge?: number }> {
  const limits = { timeoutMs, maxBytes };
  const url = "url" in at ? at.url : await urlOf(at.issuer, (from) => get(from, limits));
  const { bytes, maxAge } = await get(url, limits).catch((error: Error) => {
    throw new Error(`${url}: ${error.message}`);
  });
  const keys = verifyingKeys(Buffer.from(bytes).toString("utf8"), false);
  if (keys === undefined)
    throw new Error(`${url}: it is no JSON Web Key Set with a public key that signatures are checked by`);
  return { keys, ...(maxAge === undefined ? {} : { maxAge }) };
}

async function urlOf(issuer: string, get: (url: string) => ReturnType<GetDocument>): Promise<string> {
  if (!/^https?:\/\//i.test(issuer) || !URL.canParse(issuer))
    throw new Error(
      `the issuer ${JSON.stringify(issuer)} is no URL that keys could be asked of; write jwks or jwksUri`,
    );
  const from = issuer.replace(/\/$/, "") + wellKnown;
  const { bytes } = await get(from).catch((error: Error) => {
    throw new Error(`${from}: ${error.message}`);
  });
  const said = jwksUriIn(Buffer.from(bytes).toString("utf8"));
  if (said === undefined) throw new Error(`${from}: it is no JSON with the URL jwks_uri`);
  if (new URL(from).protocol === "https:" && new URL(said).protocol !== "https:")
    throw new Error(`${from}: its jwks_uri is not https`);
  return said;
}

function jwksUriIn(text: string): string | undefined {
  try {
    const said = (JSON.parse(text) as { readonly jwks_uri?: unknown } | null)?.jwks_uri;
    return typeof said === "string" && URL.canParse(said) ? said : undefined;
  } catch {
    return undefined;
  }
}
