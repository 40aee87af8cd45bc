import { deepStrictEqual, ok, strictEqual } from "node:assert";
import { X509Certificate } from "node:crypto";
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, test } from "vitest";
import type { Authority } from "../../src/ca/authority.ts";
import { Plugged, shop, Workshop } from "../../src/ca/plugged.fixture.ts";
import type { MeshConfigSpec } from "../../src/gen/istio/mesh-config.ts";
import { authorityIn, CertificatesBed, identity } from "./certificates-bed.ts";

// A real sidecar of a mesh with an alias for its trust domain, and peers that are certified by three authorities in two names.

const aliases = `
meshConfig: {trustDomainAliases: [old.example]}
---
`;
const workshop = new Workshop();
const made = shop(workshop);
const plugged = new Plugged(made.files);
const folder = () => join(mkdtempSync(join(tmpdir(), "weft-domains-")), "ca");
let own: Authority;
let old: Authority;
let bed: CertificatesBed;

beforeAll(async () => {
  own = await authorityIn(folder(), { pluggedIn: plugged });
  old = await authorityIn(folder(), { trustDomain: "old.example" });
  bed = await CertificatesBed.start(own, aliases);
});

afterAll(() => bed?.stop());

/** Who is let in: by which authority, in whose name. */
async function admitted(): Promise<readonly string[]> {
  const found: string[] = [];
  for (const [name, authority] of [["own", own] as const, ["old", old] as const])
    for (const domain of ["cluster.local", "old.example", "stranger.example"])
      if (await bed.admits(await authority.issue(identity("peer", domain)))) found.push(`${name} ${domain}`);
  return found;
}

async function take(more: MeshConfigSpec): Promise<readonly string[]> {
  bed.settings = { trustDomainAliases: ["old.example"], ...more };
  await bed.take();
  return admitted();
}

test("aliases are vouched for by the mesh's own roots, strangers' trust domains by nobody", async () => {
  deepStrictEqual(await take({}), ["own cluster.local", "own old.example"]);
});

test("roots for one trust domain vouch for no other, in neither direction", async () => {
  const caCertificates = [{ pem: old.roots.join(""), trustDomains: ["old.example"] }];
  deepStrictEqual(await take({ caCertificates }), ["own cluster.local", "old old.example"]);
  strictEqual(await bed.call(), 200);
  // Lists of revoked certificates hold there, too.
  const thief = await own.issue(identity("thief"));
  ok(await bed.admits(thief));
  const serial = new X509Certificate(thief.chain).serialNumber;
  plugged.files = { ...made.files, "ca-crl.pem": workshop.list(made.own, [serial]) + workshop.list(made.root) };
  await own.look();
  await bed.take();
  strictEqual(await bed.admits(thief), false);
  deepStrictEqual(await admitted(), ["own cluster.local", "old old.example"]);
  plugged.files = made.files;
  await own.look();
});

test("roots for all trust domains vouch for each that the mesh takes", async () => {
  const all = ["own cluster.local", "own old.example", "old cluster.local", "old old.example"];
  deepStrictEqual(await take({ caCertificates: [{ pem: old.roots.join("") }] }), all);
  deepStrictEqual(await take({ defaultConfig: { caCertificatesPem: [old.roots.join("")] } }), all);
});

test("what is no authority's certificate adds nothing, and takes nothing away", async () => {
  const leaf = (await old.issue(identity("peer"))).chain;
  const caCertificates = [{ pem: "nonsense" }, { pem: leaf }, { spiffeBundleUrl: "https://old.example/bundle" }];
  deepStrictEqual(await take({ caCertificates }), ["own cluster.local", "own old.example"]);
});
