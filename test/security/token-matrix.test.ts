import { createHmac, createPublicKey } from "node:crypto";
import { exportJWK, exportSPKI, type GenerateKeyPairResult, generateKeyPair, SignJWT } from "jose";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { KubernetesClient } from "../../src/kubernetes/client.ts";
import { KubernetesError } from "../../src/kubernetes/error.ts";
import { tokenKeys } from "../../src/kubernetes/token-keys.ts";
import { clusterTokens } from "../../src/main/cluster-tokens.ts";
import { type Answered, CaBed, log, ShiftedClock, trustDomain } from "./ca-bed.ts";
import { requestFor } from "./requests.ts";

// Tokens of every wrong kind at the certificate service: our own tokens of one machine, and those of a cluster's API server.

const beds: CaBed[] = [];
let csr = "";

async function newBed(...options: Parameters<CaBed["open"]>): Promise<CaBed> {
  const bed = await new CaBed().open(...options);
  beds.push(bed);
  return bed;
}

beforeAll(async () => {
  csr = await requestFor({});
});

afterAll(() => Promise.all(beds.map((bed) => bed.close())));

function outcome(answer: Answered): number {
  return "chain" in answer ? 0 : answer.status;
}

const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString("base64url");
const claimsOf = (token: string) => JSON.parse(Buffer.from(token.split(".")[1] ?? "", "base64url").toString());

describe("a mesh on one machine", () => {
  let bed: CaBed;
  let token = "";

  beforeAll(async () => {
    bed = await newBed();
    token = await bed.token();
  });

  const ownKey = () => createPublicKey(bed.files.read("token-key.pem") ?? "");
  const wrong: Record<string, () => Promise<string> | string> = {
    "a claim that was changed": () => {
      const [header, , signature] = token.split(".");
      return `${header}.${encode({ ...claimsOf(token), sub: "system:serviceaccount:default:admin" })}.${signature}`;
    },
    "alg none": () => `${encode({ alg: "none", typ: "JWT" })}.${token.split(".")[1]}.`,
    "alg None, with the old signature": () =>
      `${encode({ alg: "None" })}.${token.split(".")[1]}.${token.split(".")[2]}`,
    "HS256 with the public key as the secret": () => {
      const head = `${encode({ alg: "HS256", typ: "JWT" })}.${token.split(".")[1]}`;
      const pem = ownKey().export({ format: "pem", type: "spki" });
      return `${head}.${createHmac("sha256", pem).update(head).digest("base64url")}`;
    },
    "another mesh's key, which the token brings along": async () => {
      const { privateKey, publicKey } = await generateKeyPair("ES256");
      return new SignJWT(claimsOf(token))
        .setProtectedHeader({ alg: "ES256", jwk: await exportJWK(publicKey), jku: "https://evil.example/keys" })
        .sign(privateKey);
    },
    "no signature": () => token.replace(/[^.]*$/, ""),
    "half of it": () => token.slice(0, token.length / 2),
    "no token at all": () => "x",
    "a token of 1,000 parts": () => Array(1000).fill("e30").join("."),
    "a token of 40 KiB": () => `${token}${"A".repeat(40_960)}`,
  };

  test("a good one is taken", async () => {
    expect(outcome(await bed.ask({ csr }, { token }))).toBe(0);
  });

  test.each(Object.entries(wrong))("refused: %s", async (_, make) => {
    expect(outcome(await bed.ask({ csr }, { token: await make() }))).toBe(16);
  });

  test("refused once its time is over, and while its time has not begun", async () => {
    const late = await newBed();
    const short = await late.token("reviews", 60_000);
    expect(outcome(await late.ask({ csr }, { token: short }))).toBe(0);
    late.clock.shift = 120_000;
    expect(outcome(await late.ask({ csr }, { token: short }))).toBe(16);
    late.clock.shift = -600_000;
    expect(outcome(await late.ask({ csr }, { token: short }))).toBe(16);
  });

  test("refused: a token of another mesh on the same machine", async () => {
    expect(outcome(await bed.ask({ csr }, { token: await (await newBed()).token() }))).toBe(16);
  });
});

/** An API server that knows some tokens, or is away. */
class FakeCluster {
  readonly clock = new ShiftedClock();
  readonly good = new Map<string, { pod: string; audiences: string[] }>();
  readonly pods = new Set<string>();
  away = false;
  asked = 0;
  keys!: GenerateKeyPairResult;
  #tokens!: ReturnType<typeof clusterTokens>;

  async open(): Promise<CaBed> {
    this.keys = await generateKeyPair("RS256", { extractable: true });
    const jwk = { ...(await exportJWK(this.keys.publicKey)), alg: "RS256", kid: "one", use: "sig" };
    const client = { ask: (path: string, init?: { body?: unknown }) => this.#answer(path, init?.body, jwk) };
    const kubernetes = client as unknown as KubernetesClient;
    const keys = tokenKeys({ client: kubernetes, clock: this.clock, log });
    const knowsPod = (_: string, name: string) => this.pods.has(name);
    this.#tokens = clusterTokens({ client: kubernetes, keys, knowsPod, trustDomain, clock: this.clock, log });
    const bed = await newBed({ tokens: this.#tokens });
    keys.stop();
    return bed;
  }

  /** A token as kubelets project it. */
  token(pod: string, claims: object = {}, expiresIn = 3600): Promise<string> {
    const now = Math.floor(this.clock.now() / 1000);
    const said = { namespace: "default", pod: { name: pod, uid: `uid-${pod}` }, serviceaccount: { name: "reviews" } };
    const all = {
      iss: "https://kubernetes",
      aud: ["istio-ca"],
      sub: "system:serviceaccount:default:reviews",
      ...claims,
    };
    return new SignJWT({ "kubernetes.io": said, ...all })
      .setProtectedHeader({ alg: "RS256", kid: "one" })
      .setIssuedAt(now)
      .setExpirationTime(now + expiresIn)
      .sign(this.keys.privateKey);
  }

  async #answer(path: string, body: unknown, jwk: object): Promise<unknown> {
    if (this.away) throw new KubernetesError(0, "Unreachable", "connection refused");
    if (path.endsWith("openid-configuration")) return { issuer: "https://kubernetes" };
    if (path.endsWith("jwks")) return { keys: [jwk] };
    this.asked++;
    const { token } = (body as { spec: { token: string } }).spec;
    const known = this.good.get(token);
    if (known === undefined || !this.pods.has(known.pod))
      return {
        status: { authenticated: false, error: "[invalid bearer token, serviceaccounts/pod has been deleted]" },
      };
    const extra = { "authentication.kubernetes.io/pod-name": [known.pod] };
    const user = { username: "system:serviceaccount:default:reviews", extra };
    return { status: { authenticated: true, audiences: known.audiences, user } };
  }
}

describe("a cluster", () => {
  test("the API server's word counts: audience, account and bound Pod", async () => {
    const cluster = new FakeCluster();
    const bed = await cluster.open();
    const [good, foreign] = [await cluster.token("reviews-1"), await cluster.token("reviews-1", { aud: ["vault"] })];
    cluster.pods.add("reviews-1");
    cluster.good.set(good, { pod: "reviews-1", audiences: ["istio-ca"] });
    cluster.good.set(foreign, { pod: "reviews-1", audiences: [] });
    expect(outcome(await bed.ask({ csr }, { token: good }))).toBe(0);
    expect(outcome(await bed.ask({ csr }, { token: foreign }))).toBe(16);
    expect(outcome(await bed.ask({ csr }, { token: `${good}x` }))).toBe(16);
    // Within a minute the answer is remembered, then asked for again.
    cluster.pods.delete("reviews-1");
    cluster.clock.shift += 61_000;
    expect(outcome(await bed.ask({ csr }, { token: good }))).toBe(16);
  });

  test("what cannot be a token is not even sent to the API server", async () => {
    const cluster = new FakeCluster();
    const bed = await cluster.open();
    for (const token of ["x", "a.b", `${await cluster.token("a")}${"A".repeat(20_000)}`, "a.b.c d"])
      expect(outcome(await bed.ask({ csr }, { token }))).toBe(16);
    expect(cluster.asked).toBe(0);
  });

  const whileAway: Record<string, [(cluster: FakeCluster) => Promise<string>, number]> = {
    "a good one of a Pod that is known": [(cluster) => cluster.token("reviews-1"), 0],
    "of a Pod that is gone": [(cluster) => cluster.token("reviews-2"), 14],
    "for another audience": [(cluster) => cluster.token("reviews-1", { aud: ["vault"] }), 14],
    "of another issuer": [(cluster) => cluster.token("reviews-1", { iss: "https://elsewhere" }), 14],
    "that is over": [(cluster) => cluster.token("reviews-1", {}, -10), 14],
    "that is bound to no Pod": [
      (cluster) => cluster.token("reviews-1", { "kubernetes.io": { namespace: "default" } }),
      14,
    ],
    "HS256 with the public key as the secret": [
      async (cluster) => {
        const token = await cluster.token("reviews-1");
        const head = `${encode({ alg: "HS256", kid: "one" })}.${token.split(".")[1]}`;
        const secret = await exportSPKI(cluster.keys.publicKey);
        return `${head}.${createHmac("sha256", secret).update(head).digest("base64url")}`;
      },
      14,
    ],
    "alg none": [
      async (cluster) => `${encode({ alg: "none" })}.${(await cluster.token("reviews-1")).split(".")[1]}.`,
      14,
    ],
  };

  test.each(Object.entries(whileAway))("while the API server is away: %s", async (_, [make, expected]) => {
    const cluster = new FakeCluster();
    const bed = await cluster.open();
    cluster.pods.add("reviews-1");
    const token = await make(cluster);
    cluster.away = true;
    expect(outcome(await bed.ask({ csr }, { token }))).toBe(expected);
  });
});
