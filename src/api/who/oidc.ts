import * as oauth from "oauth4webapi";
import { Refusal } from "../http/answer.ts";
import type { OidcSettings } from "./access-file.ts";
import type { Subject } from "./caller.ts";

export interface OidcOptions {
  readonly settings: OidcSettings;
  /** Where the issuer sends people back to. */
  readonly redirectUri: string;
  readonly clientSecret?: string;
  /** Asks the issuer: with its roots, and with a time limit. */
  readonly fetch: (url: string, init: RequestInit) => Promise<Response>;
  readonly now: () => number;
}

/** What is kept between sending somebody to the issuer and their coming back. */
export interface Pending {
  readonly verifier: string;
  readonly nonce: string;
  readonly state: string;
}

/** What the issuer says of itself is asked again after this time, and after each failure. */
const freshMs = 10 * 60_000;

/** The code flow of OpenID Connect with PKCE (RFC 7636), state and nonce; https://openid.net/specs/openid-connect-core-1_0.html */
export class Oidc {
  readonly #options: OidcOptions;
  readonly #client: oauth.Client;
  #issuer: { readonly at: number; readonly server: oauth.AuthorizationServer } | undefined;

  constructor(options: OidcOptions) {
    this.#options = options;
    this.#client = { client_id: options.settings.clientId };
  }

  /** Where to send somebody, and what to keep until they come back. Rejects with a Refusal where the issuer does not answer. */
  async begin(): Promise<{ readonly url: string; readonly pending: Pending }> {
    const { settings, redirectUri } = this.#options;
    const server = await this.#server();
    if (server.authorization_endpoint === undefined)
      throw new Refusal(502, `${settings.issuer.href} names no authorization_endpoint`);
    const pending: Pending = {
      verifier: oauth.generateRandomCodeVerifier(),
      nonce: oauth.generateRandomNonce(),
      state: oauth.generateRandomState(),
    };
    const url = new URL(server.authorization_endpoint);
    const query = {
      client_id: settings.clientId,
      redirect_uri: redirectUri,
      response_type: "code",
      scope: [...new Set(["openid", ...settings.scopes])].join(" "),
      code_challenge: await oauth.calculatePKCECodeChallenge(pending.verifier),
      code_challenge_method: "S256",
      state: pending.state,
      nonce: pending.nonce,
    };
    for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value);
    return { url: url.href, pending };
  }

  /** Who came back. Rejects with a Refusal: the issuer refused, or what it said is not to be believed. */
  async finish(query: URLSearchParams, pending: Pending): Promise<Subject> {
    const { settings, redirectUri, clientSecret } = this.#options;
    try {
      const server = await this.#server();
      const given = oauth.validateAuthResponse(server, this.#client, query, pending.state);
      const secret = clientSecret === undefined ? oauth.None() : oauth.ClientSecretPost(clientSecret);
      const answer = await oauth.authorizationCodeGrantRequest(
        ...([server, this.#client, secret, given, redirectUri, pending.verifier, this.#how()] as const),
      );
      const result = await oauth.processAuthorizationCodeResponse(server, this.#client, answer, {
        expectedNonce: pending.nonce,
        requireIdToken: true,
      });
      await oauth.validateApplicationLevelSignature(server, answer, this.#how());
      return subjectOf(settings, oauth.getValidatedIdTokenClaims(result) ?? {}, result.id_token);
    } catch (error) {
      throw refusalOf(error, settings);
    }
  }

  #how() {
    const { fetch, settings } = this.#options;
    return {
      [oauth.customFetch]: fetch as never,
      // A server of one's own on this machine speaks plain HTTP; whoever wrote the settings has said so.
      [oauth.allowInsecureRequests]: settings.issuer.protocol === "http:",
    };
  }

  async #server(): Promise<oauth.AuthorizationServer> {
    const { settings, now } = this.#options;
    if (this.#issuer !== undefined && now() - this.#issuer.at < freshMs) return this.#issuer.server;
    try {
      const answer = await oauth.discoveryRequest(settings.issuer, { algorithm: "oidc", ...this.#how() });
      const server = await oauth.processDiscoveryResponse(settings.issuer, answer);
      this.#issuer = { at: now(), server };
      return server;
    } catch (error) {
      throw refusalOf(error, settings);
    }
  }
}

function subjectOf(settings: OidcSettings, claims: Readonly<Record<string, unknown>>, idToken?: string): Subject {
  const name = claims[settings.userClaim];
  if (typeof name !== "string" || name === "")
    throw new Refusal(
      403,
      `the issuer tells no ${settings.userClaim} of you`,
      "name another claim as oidc.userClaim, or ask for its scope",
    );
  // Anybody may give an address that is not theirs, where the issuer does not look.
  if (settings.userClaim === "email" && claims["email_verified"] === false)
    throw new Refusal(403, `the issuer has not verified that ${name} is yours`, "have it verified there");
  const told = claims[settings.groupsClaim];
  const groups = (Array.isArray(told) ? told : typeof told === "string" ? [told] : []).filter(
    (one) => typeof one === "string",
  );
  return { name, groups, how: "oidc", ...(idToken === undefined ? {} : { bearer: idToken }) };
}

/** In words, without what the issuer should not have said to us. */
function refusalOf(error: unknown, { issuer }: OidcSettings): Refusal {
  if (error instanceof Refusal) return error;
  if (error instanceof oauth.AuthorizationResponseError)
    return new Refusal(403, `${issuer.host} refused: ${error.error_description ?? error.error}`, "log in again");
  if (error instanceof oauth.ResponseBodyError)
    return new Refusal(
      502,
      `${issuer.host} gave no token: ${error.error_description ?? error.error}`,
      "look at oidc in the access file",
    );
  return new Refusal(
    502,
    `logging in at ${issuer.host} failed: ${(error as Error).message}`,
    "log in again; if it stays so, look at oidc in the access file",
  );
}
