import { X509Certificate } from "node:crypto";
import { Certificate } from "pkijs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { toPem } from "../../src/ca/private-key.ts";
import { authorityOf, CaBed, identity, newFiles, ShiftedClock } from "./ca-bed.ts";
import { forged, hugeKey, opensslRequest, requestFor, signedRequest, type Wishes } from "./requests.ts";

// What an asker writes into its certificate request, and what comes of it: the identity is the verified one's, or there is no certificate.

const own = "URI:spiffe://cluster.local/ns/default/sa/reviews";
const admin = "spiffe://cluster.local/ns/istio-system/sa/admin";
const bed = new CaBed();

beforeAll(async () => {
  await bed.open();
});

afterAll(() => bed.close());

async function leafFor(csr: string, validityDuration = 3600n): Promise<X509Certificate> {
  const answer = await bed.ask({ csr, validityDuration }, { token: await bed.token() });
  if ("status" in answer) throw new Error(`${answer.status} ${answer.message}`);
  return new X509Certificate(answer.chain[0] as string);
}

async function refusalOf(csr: string): Promise<{ readonly status: number; readonly message: string }> {
  const answer = await bed.ask({ csr }, { token: await bed.token() });
  if ("chain" in answer) throw new Error(`it was signed: ${new X509Certificate(answer.chain[0] as string).toString()}`);
  return answer;
}

const wishes: Record<string, Wishes> = {
  "its own SPIFFE ID, as Istio's agents write it": { uris: ["spiffe://cluster.local/ns/default/sa/reviews"] },
  "nothing at all": {},
  "another's SPIFFE ID": { uris: [admin] },
  "two URIs": { uris: ["spiffe://cluster.local/ns/default/sa/reviews", admin] },
  "DNS names of the control plane": { dns: ["istiod.istio-system.svc", "*"] },
  "a NUL in a name": { uris: [`${admin}\u0000.example.com`], dns: ["good.example\u0000.evil"] },
  "percent signs": { uris: ["spiffe://cluster.local/ns/default/sa/%61dmin", "spiffe://cluster.local/ns/%2e%2e/sa/x"] },
  unicode: { uris: ["spiffe://cluster.local/ns/default/sa/аdmin"], commonName: "аdmin\u202enimda" },
  "a subject": { commonName: "admin" },
  "a subject of 4,000 characters": { commonName: "x".repeat(4000) },
  "all key usages": { usages: ["1.3.6.1.5.5.7.3.3", "2.5.29.37.0"] },
  "CA:FALSE": { ca: false },
  "names of other kinds of extension": { raw: [{ oid: "1.2.3.4", value: new Uint8Array([5, 0]).buffer }] },
  "nonsense for names": { raw: [{ oid: "2.5.29.17", value: new Uint8Array([0xff, 0xff]).buffer }] },
};

describe("wishes for names, subject and usages are ignored", () => {
  test.each(Object.entries(wishes))("%s", async (_, wish) => {
    const leaf = await leafFor(await requestFor(wish));
    expect(leaf.subjectAltName).toBe(own);
    expect({ ca: leaf.ca, subject: leaf.subject }).toEqual({ ca: false, subject: undefined });
    expect(leaf.keyUsage).toEqual(["1.3.6.1.5.5.7.3.1", "1.3.6.1.5.5.7.3.2"]);
    const extensions = Certificate.fromBER(new Uint8Array(leaf.raw)).extensions?.map(({ extnID }) => extnID);
    expect(extensions?.sort()).toEqual(["2.5.29.14", "2.5.29.15", "2.5.29.17", "2.5.29.19", "2.5.29.35", "2.5.29.37"]);
  });
});

const good = () => requestFor({});
const refused: Record<string, [() => string | Promise<string>, RegExp]> = {
  "CA:TRUE": [() => requestFor({ ca: true }), /asks for a certificate of an authority/],
  "constraints that cannot be read": [
    () => requestFor({ raw: [{ oid: "2.5.29.19", value: new Uint8Array([0x30, 0x84, 0xff]).buffer }] }),
    /authority/,
  ],
  "a signature that was changed": [async () => forged(await good()), /signature does not fit/],
  "an RSA key of 1024 bits": [() => opensslRequest(["-newkey", "rsa:1024"]), /RSA key of 1024 bits/],
  "an RSA key of 16384 bits": [() => hugeKey(), /RSA key of 16384 bits/],
  "an RSA key with exponent 3": [
    () => opensslRequest(["-newkey", "rsa:2048", "-pkeyopt", "rsa_keygen_pubexp:3"]),
    /exponent/,
  ],
  "a weak curve": [
    () => opensslRequest(["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:secp224r1"]),
    /curve|cannot be read/,
  ],
  "a foreign curve": [
    () => opensslRequest(["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:secp256k1"]),
    /curve|cannot be read/,
  ],
  "a signature by SHA-1": [() => opensslRequest(["-newkey", "rsa:2048", "-sha1"]), /SHA-256/],
  "an Ed25519 key": [() => opensslRequest(["-newkey", "ed25519"]), /RSA or ECDSA/],
  "a certificate in its place": [async () => bed.authority.roots[0] as string, /cannot be read/],
  "two requests": [async () => (await good()) + (await good()), /cannot be read/],
  "a private key": [async () => (await signedRequest()).keyPem, /cannot be read/],
  garbage: [() => "garbage", /cannot be read/],
  nothing: [() => "", /cannot be read/],
  "garbage in a block": [() => toPem("CERTIFICATE REQUEST", Buffer.alloc(300, 7)), /cannot be read/],
  "half a request": [async () => toPem("CERTIFICATE REQUEST", half(await good())), /cannot be read/],
  "something after a request": [async () => `${await good()}x`, /cannot be read/],
  "half a MiB": [() => toPem("CERTIFICATE REQUEST", Buffer.alloc(1 << 19, 48)), /longer than/],
  "a deep nest": [() => toPem("CERTIFICATE REQUEST", nest(2400)), /cannot be read/],
};

describe("no certificate is given for", () => {
  test.each(Object.entries(refused))("%s", async (_, [make, why]) => {
    const { status, message } = await refusalOf(await make());
    expect(status).toBe(3);
    expect(message).toMatch(why);
  });
});

test("a message of more than 1 MiB, and one that is no message, end the call", async () => {
  const token = await bed.token();
  expect(await bed.ask({ csr: "x".repeat(1 << 20) }, { token })).toMatchObject({ status: 8 });
  expect(await bed.ask(new Uint8Array([0xff, 0xff, 0xff]), { token })).toMatchObject({ status: 3 });
});

test("keys of RSA, P-384 and P-521 are taken", async () => {
  for (const kind of [
    ["rsa:2048"],
    ["ec", "-pkeyopt", "ec_paramgen_curve:P-384"],
    ["ec", "-pkeyopt", "ec_paramgen_curve:P-521"],
  ])
    expect((await leafFor(opensslRequest(["-newkey", ...kind]))).subjectAltName).toBe(own);
});

test("a life is capped by the authority's, and is what was asked for where that is less", async () => {
  const csr = await requestFor({});
  const life = (leaf: X509Certificate) => leaf.validToDate.getTime() - Date.now();
  expect(life(await leafFor(csr, 3600n))).toBeLessThanOrEqual(3_600_000);
  for (const wish of [0n, -5n, 10n ** 9n, 2n ** 63n - 1n]) {
    const leaf = await leafFor(csr, wish);
    expect(life(leaf), String(wish)).toBeLessThanOrEqual(24 * 3_600_000);
    expect(life(leaf), String(wish)).toBeGreaterThan(23 * 3_600_000);
  }
});

test("the chain is the leaf first and the root last, and a client that has only the root believes it", async () => {
  const { pem } = await signedRequest();
  const answer = await bed.ask({ csr: pem }, { token: await bed.token() });
  if ("status" in answer) throw new Error(answer.message);
  const chain = answer.chain.map((one) => new X509Certificate(one));
  expect(answer.chain.at(-1)).toBe(bed.authority.roots[0]);
  for (const [index, one] of chain.entries()) expect(one.checkIssued(chain[index + 1] ?? one)).toBe(true);
});

describe("who asks", () => {
  test("by a certificate of the mesh: its own identity again", async () => {
    const certificate = await bed.authority.issue(identity("ratings"));
    const answer = await bed.ask({ csr: await requestFor({ uris: [admin] }) }, { certificate });
    if ("status" in answer) throw new Error(answer.message);
    expect(new X509Certificate(answer.chain[0] as string).subjectAltName).toContain("/sa/ratings");
  });

  test("by a certificate that is over: not alone, but with a token, so that who was cut off comes back", async () => {
    const past = new ShiftedClock();
    past.shift = -2 * 3_600_000;
    const certificate = await (await authorityOf(bed.files, past, 3_600_000)).issue(identity("ratings"));
    const csr = await requestFor({});
    expect(await bed.ask({ csr }, { certificate })).toMatchObject({ status: 16 });
    const answer = await bed.ask({ csr }, { certificate, token: await bed.token("reviews") });
    if ("status" in answer) throw new Error(answer.message);
    expect(new X509Certificate(answer.chain[0] as string).subjectAltName).toBe(own);
  });

  test("by a certificate that ended while its connection stayed open: not any more", async () => {
    const late = await new CaBed().open();
    try {
      const certificate = await late.authority.issue(identity("ratings"));
      const csr = await requestFor({});
      expect(await late.ask({ csr }, { certificate })).toHaveProperty("chain");
      // TLS goes by the machine's clock, and still takes it.
      late.clock.shift = 25 * 3_600_000;
      expect(await late.ask({ csr }, { certificate })).toMatchObject({ status: 16 });
    } finally {
      await late.close();
    }
  });

  test("by a certificate of a stranger's authority with our names, by nothing: nobody", async () => {
    const csr = await requestFor({});
    const stranger = await authorityOf(newFiles(), bed.clock);
    const certificate = await stranger.issue(identity("reviews"));
    expect(await bed.ask({ csr }, { certificate })).toMatchObject({ status: 16 });
    expect(await bed.ask({ csr }, {})).toMatchObject({ status: 16 });
  });

  test("by the authority's own certificate: nobody", async () => {
    const text = await bed.files.read("root.pem");
    const pem = /-----BEGIN PRIVATE KEY-----[^-]+-----END PRIVATE KEY-----/.exec(text ?? "")?.[0] ?? "";
    const certificate = { chain: bed.authority.roots[0] as string, key: { pem: () => pem } };
    expect(await bed.ask({ csr: await requestFor({}) }, { certificate })).toMatchObject({ status: 16 });
  });
});

test("each outcome is counted under istiod's names", async () => {
  const names = ["csr_count", "success_cert_issuance_count", "authentication_failure_count", "csr_parsing_err_count"];
  const read = () => Promise.all(names.map((name) => bed.metric(`citadel_server_${name}`)));
  const before = await read();
  const csr = await requestFor({});
  await bed.ask({ csr }, { token: await bed.token() });
  await bed.ask({ csr }, {});
  await bed.ask({ csr: "garbage" }, { token: await bed.token() });
  expect((await read()).map((value, index) => value - (before[index] as number))).toEqual([3, 1, 1, 1]);
});

function half(pem: string): Buffer {
  const der = Buffer.from(pem.replace(/-----[^-]+-----|\s/g, ""), "base64");
  return der.subarray(0, der.length / 2);
}

/** Sequences within sequences. */
function nest(depth: number): Buffer {
  let der = Buffer.from([0x05, 0x00]);
  for (let i = 0; i < depth; i++) {
    const { length } = der;
    const head = length < 128 ? [0x30, length] : length < 65_536 ? [0x30, 0x82, length >> 8, length & 255] : undefined;
    if (head === undefined) break;
    der = Buffer.concat([Buffer.from(head), der]);
  }
  return der;
}
