import { deepStrictEqual, fail, ok, strictEqual } from "node:assert";
import { afterAll, beforeAll, describe, test } from "vitest";
import { base64url, type IssuerKey, issuerKey, JwtBed, noise, token } from "./jwt-bed.ts";

// What attackers do to tokens, at a real gateway, and beside each the good token that passes. A request without a token passes: nothing demands one.

let rsa: IssuerKey;
let ec: IssuerKey;
let ed: IssuerKey;
let mallory: IssuerKey;
let bed: JwtBed;

const now = () => Math.floor(Date.now() / 1000);
const good = { iss: "shop", sub: "ann", aud: "orders" };
const claims = (more: object = {}) => ({ ...good, iat: now(), exp: now() + 3600, ...more });
const rs256 = { alg: "RS256", kid: "rsa", typ: "JWT" };
const signed = (payload: object = {}, header: object = {}) => token({ ...rs256, ...header }, claims(payload), rsa);
const bearer = (text: string) => ({ authorization: `Bearer ${text}` });
const status = async (text: string) => (await bed.ask("/", bearer(text))).status;

beforeAll(async () => {
  [rsa, ec, ed, mallory] = await Promise.all([
    issuerKey("RS256", "rsa"),
    issuerKey("ES256", "ec"),
    issuerKey("EdDSA", "ed"),
    issuerKey("RS256", "mallory"),
  ]);
  const jwks = JSON.stringify({ keys: [rsa.jwk, ec.jwk, ed.jwk] });
  const plain = JSON.stringify({ keys: [{ ...rsa.jwk, kid: undefined }] });
  bed = await JwtBed.start(`
apiVersion: security.istio.io/v1
kind: RequestAuthentication
metadata: {name: tokens, namespace: istio-system}
spec:
  jwtRules:
  - issuer: shop
    jwks: '${jwks}'
    audiences: [orders, carts]
    outputPayloadToHeader: x-payload
    outputClaimToHeaders: [{header: x-user, claim: sub}]
  - {issuer: nameless, jwks: '${plain}', fromParams: [t], fromCookies: [c], fromHeaders: [{name: x-token, prefix: "T "}]}
  - {issuer: lost, jwksUri: "https://keys.example.com/"}
  - {issuer: partner, jwks: '${jwks}', fromHeaders: [{name: x-partner}], outputPayloadToHeader: x-partner-payload, outputClaimToHeaders: [{header: x-partner-user, claim: sub}]}
  - {issuer: the-last, jwks: '${jwks}', fromHeaders: [{name: x-last}], outputClaimToHeaders: [{header: x-last-user, claim: sub}]}
---
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: demanded, namespace: istio-system}
spec: {action: DENY, rules: [{to: [{operation: {paths: [/demanded]}}], from: [{source: {notRequestPrincipals: ["shop/ann"]}}]}]}`);
});

afterAll(() => bed?.stop());

describe("good tokens pass", () => {
  test("with each kind of key", async () => {
    strictEqual(await status(signed()), 200);
    strictEqual(await status(token({ alg: "ES256", kid: "ec" }, claims(), ec)), 200);
    strictEqual(await status(token({ alg: "EdDSA", kid: "ed" }, claims(), ed)), 200);
  });

  test("one of several audiences, no expiry, unicode and strange claims", async () => {
    strictEqual(await status(signed({ aud: ["x", "carts"] })), 200);
    strictEqual(await status(signed({ exp: undefined })), 200);
    strictEqual(await status(signed({ sub: "änn 🦊", "a.b": { c: [1, null] } })), 200);
  });

  test("where a policy demands one, and none without", async () => {
    strictEqual((await bed.ask("/demanded", bearer(signed()))).status, 200);
    strictEqual((await bed.ask("/demanded", bearer(signed({ sub: "bob" })))).status, 403);
    strictEqual((await bed.ask("/demanded")).status, 403);
  });

  test("and a request without any", async () => strictEqual((await bed.ask("/")).status, 200));
});

describe("whose signature it is", () => {
  const hs = { alg: "HS256", kid: "rsa", typ: "JWT" };
  test.each<[string, () => string]>([
    ["none", () => token({ alg: "none" }, claims(), "nobody")],
    ["none, in other letters", () => token({ alg: "nOnE" }, claims(), "nobody")],
    ["none, with the kid of a key", () => token({ ...rs256, alg: "none" }, claims(), "nobody")],
    ["none though it says RS256", () => token(rs256, claims(), "nobody")],
    ["a good one's header and payload, no signature", () => signed().replace(/[^.]*$/, "")],
    ["another's key under the same kid", () => token(rs256, claims(), mallory)],
    ["another's key", () => token({ ...rs256, kid: "mallory" }, claims(), mallory)],
    ["HMAC with the public key in PEM", () => token(hs, claims(), { secret: rsa.spki })],
    ["HMAC with the public key in PEM, trimmed", () => token(hs, claims(), { secret: rsa.spki.trim() })],
    ["HMAC with the modulus", () => token(hs, claims(), { secret: Buffer.from(rsa.jwk.n ?? "", "base64url") })],
    ["HMAC with the JWK", () => token(hs, claims(), { secret: JSON.stringify(rsa.jwk) })],
    ["HMAC with nothing", () => token({ alg: "HS256" }, claims(), { secret: "" })],
    ["an RSA key's, said to be another algorithm", () => token({ ...rs256, alg: "PS256" }, claims(), rsa)],
    ["an RSA key's, said to be ES256", () => token({ ...rs256, alg: "ES256", kid: "ec" }, claims(), rsa)],
    ["ES256 of zeros", () => signed({}, { alg: "ES256", kid: "ec" }).replace(/[^.]*$/, base64url("\0".repeat(64)))],
    ["Ed25519 of zeros", () => signed({}, { alg: "EdDSA", kid: "ed" }).replace(/[^.]*$/, base64url("\0".repeat(64)))],
    ["one bit off", () => signed().replace(/.{5}$/, "AAAAA")],
  ])("%s: refused", async (_, make) => strictEqual(await status(make()), 401));
});

describe("what the header says of keys is not believed", () => {
  const jku = "https://mallory.example/keys";
  test.each<[string, () => object]>([
    ["a path as kid", () => ({ kid: "../../../../dev/null" })],
    ["SQL as kid", () => ({ kid: "rsa' UNION SELECT 'k" })],
    ["a shell's words as kid", () => ({ kid: "|id" })],
    ["an unknown kid", () => ({ kid: "other" })],
    ["a kid that is no text", () => ({ kid: { $ne: "" } })],
    ["jku", () => ({ kid: "mallory", jku })],
    ["x5u", () => ({ kid: "mallory", x5u: jku })],
    ["an embedded key", () => ({ kid: "mallory", jwk: mallory.jwk })],
    ["an embedded key under a known kid", () => ({ jwk: { ...mallory.jwk, kid: "rsa" } })],
    ["an embedded certificate", () => ({ kid: "mallory", x5c: [Buffer.from(mallory.spki).toString("base64")] })],
  ])("%s", async (_, more) => {
    strictEqual(await status(token({ ...rs256, ...more() }, claims(), mallory)), 401);
  });

  test("beside a good signature these words do no harm", async () => {
    strictEqual(await status(signed({}, { jku, jwk: mallory.jwk })), 200);
  });

  test("a token without kid is checked by the issuer's keys, and by no others", async () => {
    strictEqual(await status(token({ alg: "RS256" }, claims(), rsa)), 200);
    strictEqual(await status(token({ alg: "RS256" }, claims(), mallory)), 401);
  });
});

describe("what the token says", () => {
  test.each<[string, object, number]>([
    ["another issuer", { iss: "nobody" }, 401],
    ["no issuer", { iss: undefined }, 401],
    ["an issuer that ends like ours", { iss: "my shop" }, 401],
    ["an issuer in other letters", { iss: "Shop" }, 401],
    ["an issuer with a letter that looks the same", { iss: "ѕhop" }, 401],
    ["an issuer with a zero after it", { iss: "shop\0" }, 401],
    ["a list of issuers", { iss: ["shop"] }, 401],
    ["another audience", { aud: "bank" }, 403],
    ["no audience", { aud: undefined }, 403],
    ["an audience that starts like ours", { aud: "orders.example" }, 403],
    ["expired an hour ago", { exp: now() - 3600 }, 401],
    ["expired two minutes ago", { exp: now() - 120 }, 401],
    ["not valid for an hour", { nbf: now() + 3600 }, 401],
    ["an expiry that is a text", { exp: "never" }, 401],
    ["an expiry below zero", { exp: -1 }, 401],
  ])("%s: refused", async (_, more, code) => strictEqual(await status(signed(more)), code));

  test("clocks may differ by a minute, not by more", async () => {
    strictEqual(await status(signed({ exp: now() - 30 })), 200);
    strictEqual(await status(signed({ nbf: now() + 30 })), 200);
    strictEqual(await status(signed({ exp: now() - 90 })), 401);
    strictEqual(await status(signed({ nbf: now() + 120 })), 401);
  });

  test("a payload that was changed after it was signed is refused", async () => {
    const [header, , signature] = signed({ sub: "bob" }).split(".");
    strictEqual(await status(`${header}.${base64url(claims())}.${signature}`), 401);
  });

  test("of a claim that is there twice, no policy and no application reads the other one", async () => {
    const twice = `{"iss":"shop","aud":"orders","exp":${now() + 3600},"sub":"bob","sub":"ann"}`;
    const { status: code, saw } = await bed.ask("/demanded", bearer(token(rs256, twice, rsa)));
    ok(code !== 200 || saw?.["x-user"] === "ann");
  });

  test("keys of one issuer are nothing to another", async () => {
    strictEqual(await status(token({ ...rs256, kid: "ec" }, claims({ iss: "nameless" }), ec)), 401);
    strictEqual(await status(token(rs256, claims({ iss: "lost" }), rsa)), 401);
    strictEqual(await status(token({ alg: "EdDSA", kid: "nobody" }, claims({ iss: "lost" }), ed)), 401);
  });
});

describe("its form", () => {
  const junk = () => token(rs256, claims({ pad: noise(48 * 1024) }), mallory);
  test.each<[string, () => string]>([
    ["one part", () => "abc"],
    ["two parts", () => signed().replace(/\.[^.]*$/, "")],
    ["four parts", () => `${signed()}.x`],
    ["five, as encrypted ones have", () => `${signed()}.x.y`],
    ["nothing between dots", () => ".."],
    ["no JSON", () => token("{", "{", rsa)],
    ["a list", () => token(rs256, "[]", rsa)],
    ["null", () => token(rs256, "null", rsa)],
    ["a payload of 10,000 lists in lists", () => token(rs256, "[".repeat(10_000), rsa)],
    ["ordinary base64", () => signed().replaceAll("-", "+").replaceAll("_", "/").replace(/$/, "==")],
    ["64 KiB of another's", junk],
  ])("%s: refused", async (_, make) => ok([0, 400, 401, 431].includes(await status(make()))));

  test("one of 64 KiB harms nobody: the next passes", async () => {
    ok([0, 401, 431].includes(await status(junk())));
    strictEqual(await status(signed()), 200);
  });
});

describe("where it is", () => {
  test("two of which one is bad are refused, in either order and in two places", async () => {
    const [fine, bad] = [signed(), token(rs256, claims(), mallory)];
    strictEqual((await bed.ask(`/?access_token=${bad}`, bearer(fine))).status, 401);
    strictEqual((await bed.ask(`/?access_token=${fine}`, bearer(bad))).status, 401);
    strictEqual((await bed.ask("/", { authorization: [`Bearer ${bad}`, `Bearer ${fine}`] })).status, 401);
  });

  test("one in a place that the rule does not name is no token: it opens nothing", async () => {
    for (const [path, headers] of [
      ["/demanded", { "x-token": `T ${signed()}` }],
      ["/demanded?t=x", { cookie: `access_token=${signed()}` }],
      ["/demanded", { authorization: `Basic ${signed()}` }],
      ["/demanded", { "proxy-authorization": `Bearer ${signed()}` }],
      ["/demanded", { "x-authorization": `Bearer ${signed()}` }],
    ] as const)
      ok([401, 403].includes((await bed.ask(path, headers)).status), Object.keys(headers).join());
  });

  test("one of an issuer that is looked for elsewhere is refused where it is not looked for", async () => {
    const nameless = token(rs256, claims({ iss: "nameless", aud: undefined }), rsa);
    strictEqual((await bed.ask("/", bearer(nameless))).status, 401);
    strictEqual((await bed.ask("/", { "x-token": `T ${nameless}` })).status, 200);
    strictEqual((await bed.ask("/", { cookie: `c=${nameless}` })).status, 200);
    strictEqual((await bed.ask(`/?t=${nameless}`)).status, 200);
  });
});

describe("headers that tell the application who it was", () => {
  const forged = {
    "x-payload": base64url({ sub: "root" }),
    "x-user": "root",
    "x-partner-payload": "root",
    "x-partner-user": "root",
    "x-last-user": "root",
  };
  const told = async (headers: Readonly<Record<string, string>>, method = "GET") => {
    const { saw = fail("the application was not asked") } = await bed.ask(
      "/",
      { ...forged, "x-mine": "x", ...headers },
      method,
    );
    strictEqual(saw["x-mine"], "x");
    return Object.keys(forged).flatMap((name) => (saw[name] === undefined ? [] : [`${name}: ${saw[name]}`]));
  };

  test("are no client's to say: without a token there are none", async () => deepStrictEqual(await told({}), []));

  test("with a token they are its own, and those of other issuers are not there", async () => {
    const found = await told(bearer(signed()));
    deepStrictEqual(
      found.map((line) => line.split(":")[0]),
      ["x-payload", "x-user"],
    );
    ok(found.includes("x-user: ann"));
    const partner = await told({ "x-partner": token(rs256, claims({ iss: "partner" }), rsa) });
    ok(partner.includes("x-partner-user: ann"));
    strictEqual(partner.length, 2);
  });

  test("nor with a claim that the token does not have", async () => {
    deepStrictEqual(
      (await told(bearer(signed({ sub: undefined })))).map((line) => line.split(":")[0]),
      ["x-payload"],
    );
  });

  test("nor before a request of another origin, which is not asked for a token", async () => {
    const preflight = { origin: "https://evil.example", "access-control-request-method": "GET" };
    deepStrictEqual(await told(preflight, "OPTIONS"), []);
  });
});
