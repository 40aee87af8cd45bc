import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import Provider from "oidc-provider";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { advance, ask, now, port, start } from "../../src/api/testdata/served.ts";
import { readAccess } from "../../src/api/who/access-file.ts";
import type { Subject } from "../../src/api/who/caller.ts";
import { Oidc } from "../../src/api/who/oidc.ts";
import { grantedRights } from "../../src/api/who/roles.ts";
import { issuerFetch } from "../../src/main/issuer-fetch.ts";

/** What people have at the issuer's, by name. */
const people: Record<string, Record<string, unknown>> = {
  ann: { email: "ann@example.com", email_verified: true, groups: ["shop"] },
  eve: { email: "ann@example.com", email_verified: false, groups: ["admins"] },
  nameless: { groups: ["admins"] },
};
let issuer: Server;
let address: string;
let who = "ann";

/** A certified OpenID provider, whose pages say yes to everything as whoever is chosen. */
async function startIssuer(): Promise<void> {
  issuer = createServer();
  issuer.listen(0, "127.0.0.1");
  await once(issuer, "listening");
  address = `http://127.0.0.1:${(issuer.address() as AddressInfo).port}`;
}

function provide(redirect: string): void {
  const provider = new Provider(address, {
    clients: [
      {
        client_id: "weft",
        client_secret: "the-client's",
        redirect_uris: [redirect],
        token_endpoint_auth_method: "client_secret_post",
      },
    ],
    claims: { openid: ["sub", "email", "email_verified", "groups"] },
    conformIdTokenClaims: false,
    pkce: { required: () => true },
    cookies: { keys: ["only-of-this-test"] },
    findAccount: (_: unknown, id: string) => ({ accountId: id, claims: async () => ({ sub: id, ...people[id] }) }),
    features: { devInteractions: { enabled: false } },
    interactions: { url: (_: unknown, { uid }: { uid: string }) => `/agree/${uid}` },
    ttl: { Session: 600, Grant: 600, Interaction: 600, IdToken: 600, AccessToken: 600, AuthorizationCode: 60 },
  } as never);
  const pages = provider.callback();
  issuer.removeAllListeners("request");
  issuer.on("request", async (request, response) => {
    if (!request.url?.startsWith("/agree/")) return pages(request, response);
    const { prompt, params } = await provider.interactionDetails(request, response);
    if (who === "refused")
      return provider.interactionFinished(request, response, { error: "access_denied", error_description: "not you" });
    if (prompt.name === "login") return provider.interactionFinished(request, response, { login: { accountId: who } });
    const grant = new provider.Grant({ accountId: who, clientId: String(params["client_id"]) });
    grant.addOIDCScope(String(params["scope"]));
    return provider.interactionFinished(request, response, { consent: { grantId: await grant.save() } });
  });
}

beforeEach(startIssuer);
afterEach(async () => {
  issuer.closeAllConnections();
  issuer.close();
});

const rightsOf = (subject: Subject) =>
  grantedRights(subject, [{ role: "editor", subjects: ["group:shop"], namespaces: ["default"] }]);

async function served(over: { clientSecret?: string } = {}): Promise<void> {
  who = "ann";
  // The redirect URI has the port that the API gets.
  let redirectUri = "";
  const read = readAccess(`publicUrl: http://localhost\noidc: {issuer: "${address}", clientId: weft}`);
  if ("wrong" in read || read.oidc === undefined) throw new Error(JSON.stringify(read));
  const fetch = issuerFetch(undefined);
  const settings = read.oidc;
  const options = { settings, clientSecret: "the-client's", fetch, now: () => now, ...over };
  const oidc = new Oidc({
    ...options,
    get redirectUri() {
      return redirectUri;
    },
  });
  await start({}, {}, { oidc, rightsOf, mayRead: async () => false });
  redirectUri = `http://localhost:${port}/login/oidc/callback`;
  provide(redirectUri);
}

/** A browser, as far as this takes one: it keeps cookies by host and follows redirects, until it is back at a page of ours. */
class Browser {
  readonly #cookies = new Map<string, Map<string, string>>();

  async open(url: string): Promise<{ url: string; status: number; text: string }> {
    let at = url;
    for (let i = 0; i < 12; i++) {
      const { host, pathname, search } = new URL(at);
      const jar = this.#cookies.get(host) ?? new Map<string, string>();
      this.#cookies.set(host, jar);
      const cookie = [...jar].map(([name, value]) => `${name}=${value}`).join("; ");
      const sent = { host, cookie, "sec-fetch-mode": "navigate", "sec-fetch-site": i === 0 ? "none" : "cross-site" };
      const answer = await (host.startsWith("localhost")
        ? ask(pathname + search, { headers: sent })
        : plain(at, cookie));
      for (const set of answer.headers["set-cookie"] ?? []) {
        const [name = "", value = ""] = (set.split(";")[0] ?? "").split(/=(.*)/);
        if (value === "" || /max-age=0/i.test(set)) jar.delete(name);
        else jar.set(name, value);
      }
      const next = answer.headers.location;
      if (next === undefined) return { url: at, status: answer.status, text: answer.text };
      at = new URL(next, at).href;
      if (host.startsWith("localhost") && pathname === "/login/oidc/callback")
        return { url: at, status: 303, text: "" };
    }
    throw new Error("it goes on and on");
  }

  cookie(): string {
    return [...(this.#cookies.get(`localhost:${port}`) ?? [])].map(([name, value]) => `${name}=${value}`).join("; ");
  }
}

/** The issuer's own pages. */
async function plain(url: string, cookie: string) {
  const answer = await fetch(url, { redirect: "manual", headers: { cookie } });
  const location = answer.headers.get("location") ?? undefined;
  return {
    status: answer.status,
    text: await answer.text(),
    headers: { location, "set-cookie": answer.headers.getSetCookie() },
  };
}

const begin = (next = "/config?q=x") => `http://localhost:${port}/login/oidc?next=${encodeURIComponent(next)}`;
const session = async (cookie: string) => (await ask("/api/v1/session", { headers: { cookie } })).json;

describe("logging in by an OpenID provider", () => {
  test("code flow with PKCE: a session with the issuer's name and groups, back at the page that was asked for", async () => {
    await served();
    const browser = new Browser();
    const back = await browser.open(begin());
    expect(back).toEqual({ url: `http://localhost:${port}/config?q=x`, status: 303, text: "" });
    expect((await session(browser.cookie())).who).toMatchObject({
      ...{ name: "ann@example.com", groups: ["shop"], how: "oidc", namespaces: ["default"], operates: false },
    });
    const cookie = browser.cookie();
    expect((await ask("/api/v1/workloads", { headers: { cookie } })).status).toBe(200);
    expect((await ask("/api/v1/certificates", { headers: { cookie } })).status).toBe(403);
    const { csrf } = await session(cookie);
    const out = await ask("/api/v1/logout", { method: "POST", headers: { cookie, "x-weft-request": csrf } });
    expect(out.status).toBe(200);
    expect((await session(cookie)).who).toBe(undefined);
    expect((await ask("/api/v1/workloads", { headers: { cookie } })).status).toBe(401);
  });

  test.each(["//evil.example/", "/\\evil.example", "https://evil.example/", "javascript:alert(1)"])(
    "%s is nowhere that it leads to afterwards",
    async (next) => {
      await served();
      expect((await new Browser().open(begin(next))).url).toBe(`http://localhost:${port}/`);
    },
  );

  test("who is refused there, has no name there, or a name that is not verified, has no session", async () => {
    await served();
    for (const [name, status, words] of [
      ["refused", 403, "not you"],
      ["nameless", 403, "tells no email"],
      ["eve", 403, "has not verified"],
    ] as const) {
      who = name;
      const browser = new Browser();
      const back = await browser.open(begin());
      expect([back.status, back.text]).toEqual([status, expect.stringContaining(words)]);
      expect(browser.cookie()).not.toContain("weft_session");
    }
  });

  test("an answer of the issuer is for the browser that asked, once, and in time", async () => {
    await served();
    const asked = await ask(`/login/oidc?next=/`);
    const state = new URL(String(asked.headers.location)).searchParams.get("state");
    const cookie = String(asked.headers["set-cookie"]).split(";")[0] ?? "";
    const back = (query: string, headers: Record<string, string>) => ask(`/login/oidc/callback?${query}`, { headers });
    expect((await back(`code=x&state=${state}`, {})).status).toBe(403);
    expect((await back(`code=x&state=other`, { cookie })).status).toBe(403);
    // The wrong state has used it up.
    expect((await back(`code=x&state=${state}`, { cookie })).status).toBe(403);
    const late = await ask(`/login/oidc`);
    const lateState = new URL(String(late.headers.location)).searchParams.get("state");
    advance(10 * 60_000);
    const lateCookie = String(late.headers["set-cookie"]).split(";")[0] ?? "";
    expect((await back(`code=x&state=${lateState}`, { cookie: lateCookie })).status).toBe(403);
    expect(String(late.headers["set-cookie"])).toMatch(/HttpOnly; SameSite=Lax; Path=\/login\/; Max-Age=600/);
  });

  test("a code that is made up, a wrong client secret and an issuer that is away are told in words", async () => {
    await served();
    const asked = await ask(`/login/oidc`);
    const location = new URL(String(asked.headers.location));
    expect(location.searchParams.get("code_challenge_method")).toBe("S256");
    const cookie = String(asked.headers["set-cookie"]).split(";")[0] ?? "";
    const forged = `code=made-up&state=${location.searchParams.get("state")}&iss=${encodeURIComponent(address)}`;
    const answer = await ask(`/login/oidc/callback?${forged}`, { headers: { cookie } });
    expect([answer.status, answer.json.error]).toEqual([502, expect.stringContaining("gave no token")]);
    issuer.closeAllConnections();
    issuer.close();
    await served({ clientSecret: "wrong" }).catch(() => {});
    const away = await ask("/login/oidc");
    expect([away.status, away.json.error]).toEqual([
      502,
      expect.stringMatching(/logging in at 127\.0\.0\.1:\d+ failed/),
    ]);
  });
});
