import { deepStrictEqual, match, ok, strictEqual } from "node:assert";
import { X509Certificate } from "node:crypto";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createSecureServer, type Http2SecureServer } from "node:http2";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, test } from "vitest";
import type { Authority } from "../../src/ca/authority.ts";
import { type SubjectNames, signCertificate } from "../../src/ca/certificate.ts";
import { filesOf, Plugged, shop, Workshop } from "../../src/ca/plugged.fixture.ts";
import { checkCa } from "../../src/ca/plugged-in.ts";
import { generateKeys } from "../../src/ca/private-key.ts";
import { ownAddress } from "../proxy/own-address.ts";
import { authorityIn, CertificatesBed, identity, port, random, type Shown } from "./certificates-bed.ts";

// A real sidecar, its authority plugged in, and peers with certificates of every kind, in both directions.

const workshop = new Workshop();
const made = shop(workshop);
const plugged = new Plugged(made.files);
const folder = join(mkdtempSync(join(tmpdir(), "weft-peers-")), "ca");
const victim = { ip: ownAddress(2), server: undefined as Http2SecureServer | undefined, alert: "" };
const victimId = "spiffe://cluster.local/ns/default/sa/victim";
let authority: Authority;
let bed: CertificatesBed;

const mesh = `
meshConfig: {meshMTLS: {minProtocolVersion: TLSV1_2}}
---
apiVersion: v1
kind: Pod
metadata: {name: victim, labels: {app: victim, security.istio.io/tlsMode: istio}}
spec: {serviceAccountName: victim}
status: {phase: Running, podIP: "${victim.ip}", podIPs: [{ip: "${victim.ip}"}], conditions: [{type: Ready, status: "True"}]}
---
apiVersion: v1
kind: Service
metadata: {name: victim}
spec: {clusterIP: None, ports: [{port: ${port}, name: http}], selector: {app: victim}}
`;

/** A leaf of the mesh's own authority with whatever names. */
async function leaf(names: Partial<SubjectNames>, times: { from?: number; to?: number } = {}): Promise<Shown> {
  const ca = await checkCa(made.files, Date.now());
  if ("refused" in ca) throw new Error(ca.refused);
  const { privateKey, keys } = await generateKeys();
  const { from = -3_600_000, to = 3_600_000 } = times;
  const { pem } = await signCertificate(
    {
      ...{ serial: random.bytes(16), notBefore: Date.now() + from, notAfter: Date.now() + to },
      ...{ names: { uris: [], dns: [], ips: [], ...names }, publicKey: keys.publicKey, ca: false },
    },
    ca.signer,
  );
  return { chain: pem + made.own.cert, key: privateKey };
}

const serialOf = ({ chain }: Shown) => new X509Certificate(chain).serialNumber;

async function lookAndTake(): Promise<void> {
  await authority.look();
  await bed.take();
}

beforeAll(async () => {
  authority = await authorityIn(folder, { pluggedIn: plugged });
  bed = await CertificatesBed.start(authority, mesh);
});

afterAll(async () => {
  victim.server?.close();
  await bed?.stop();
});

describe("who calls", () => {
  test("a peer of the mesh is let in; a stranger's with our names, one that is over or not valid yet, or none at all, is not", async () => {
    ok(await bed.admits(await authority.issue(identity("peer"))));
    const stranger = await authorityIn(join(mkdtempSync(join(tmpdir(), "weft-stranger-")), "ca"));
    strictEqual(await bed.admits(await stranger.issue(identity("peer"))), false);
    const uris = ["spiffe://cluster.local/ns/default/sa/peer"];
    ok(await bed.admits(await leaf({ uris })));
    strictEqual(await bed.admits(await leaf({ uris }, { to: -1_000 })), false);
    strictEqual(await bed.admits(await leaf({ uris }, { from: 3_600_000, to: 7_200_000 })), false);
    strictEqual(await bed.admits({ chain: "", key: { pem: () => "" } }), false);
  });

  test.each(["TLSv1.2", "TLSv1.3"] as const)("no session of %s is taken up again", async (version) => {
    const versions = { minVersion: version, maxVersion: version };
    const peer = await authority.issue(identity("peer"));
    const first = await bed.connection(peer, versions);
    const session = first?.getSession();
    first?.destroy();
    ok(session);
    const second = await bed.connection(peer, { ...versions, session });
    strictEqual(second?.isSessionReused(), false);
    second?.destroy();
  });

  test("a root that is taken out vouches for nobody any more", async () => {
    const other = await authorityIn(join(mkdtempSync(join(tmpdir(), "weft-other-")), "ca"));
    const guest = await other.issue(identity("guest"));
    strictEqual(await bed.admits(guest), false);
    writeFileSync(join(folder, "more-roots.pem"), other.roots.join(""));
    await lookAndTake();
    ok(await bed.admits(guest));
    rmSync(join(folder, "more-roots.pem"));
    await lookAndTake();
    strictEqual(await bed.admits(guest), false);
    ok(await bed.admits(await authority.issue(identity("peer"))));
  });

  test("a certificate that is revoked is refused at once; all others go on", async () => {
    const [thief, peer] = [await authority.issue(identity("thief")), await authority.issue(identity("peer"))];
    ok(await bed.admits(thief));
    const lists = (...revoked: string[]) => workshop.list(made.own, revoked) + workshop.list(made.root);
    plugged.files = { ...made.files, "ca-crl.pem": lists(serialOf(thief)) };
    await lookAndTake();
    strictEqual(await bed.admits(thief), false);
    ok(await bed.admits(peer));
    strictEqual(await bed.call(), 200);
    // The list of the authority that signs alone is enough for leaves.
    plugged.files = { ...made.files, "ca-crl.pem": workshop.list(made.own, [serialOf(peer)]) };
    await lookAndTake();
    deepStrictEqual([await bed.admits(thief), await bed.admits(peer)], [true, false]);
    plugged.files = made.files;
    await lookAndTake();
    ok(await bed.admits(peer));
  });

  test("an authority that is revoked by its root is refused, with all that it signed", async () => {
    const fallen = workshop.below(made.root, "fallen");
    const other = await authorityIn(join(mkdtempSync(join(tmpdir(), "weft-fallen-")), "ca"), {
      pluggedIn: new Plugged(filesOf(fallen, made.root)),
    });
    const peer = await other.issue(identity("peer"));
    ok(await bed.admits(peer));
    const serial = new X509Certificate(fallen.cert).serialNumber;
    const lists = [workshop.list(made.own), workshop.list(fallen), workshop.list(made.root, [serial])];
    plugged.files = { ...made.files, "cert-chain.pem": `${made.own.cert}${fallen.cert}`, "ca-crl.pem": lists.join("") };
    await lookAndTake();
    strictEqual(await bed.admits(peer), false);
    ok(await bed.admits(await authority.issue(identity("peer"))));
    plugged.files = made.files;
    await lookAndTake();
  });
});

describe("who is called", () => {
  const serve = async ({ chain, key }: Shown) => {
    victim.server?.close();
    const tls = { cert: chain, key: key.pem(), requestCert: true, rejectUnauthorized: false };
    victim.server = createSecureServer({ ...tls, allowHTTP1: true }, (_, response) => response.end("victim"));
    victim.alert = "";
    victim.server.on("tlsClientError", ({ message }) => {
      victim.alert = message;
    });
    await once(victim.server.listen(port, victim.ip), "listening");
  };

  test("whoever bears the one identity of the service is spoken to", async () => {
    await serve(await leaf({ uris: [victimId] }));
    strictEqual(await bed.call("victim"), 200);
  });

  test.each<[string, Partial<SubjectNames>]>([
    ["another's", { uris: ["spiffe://cluster.local/ns/default/sa/app"] }],
    ["one that begins with it", { uris: [`${victimId}2`] }],
    ["one that it begins with", { uris: [victimId.slice(0, -1)] }],
    ["one that goes on below it", { uris: [`${victimId}/x`] }],
    ["one in capitals", { uris: [victimId.replace("victim", "VICTIM")] }],
    ["one with a NUL after it", { uris: [`${victimId}\0.evil`] }],
    ["one of another trust domain", { uris: [victimId.replace("cluster.local", "cluster.local.evil")] }],
    ["one of another namespace", { uris: [victimId.replace("/default/", "/other/")] }],
    ["its text as a DNS name", { dns: [victimId] }],
    ["the service's name as a DNS name", { dns: ["victim.default.svc.cluster.local"] }],
    ["none", {}],
  ])("who bears %s is not", async (_, names) => {
    await serve(await leaf(names));
    match(String(await bed.call("victim")), /^503 /);
    match(victim.alert, /alert certificate unknown|alert bad certificate/);
  });
});
