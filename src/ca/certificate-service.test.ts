import { execFileSync } from "node:child_process";
import { X509Certificate } from "node:crypto";
import { mkdtempSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { create, fromBinary, type MessageInitShape, toBinary } from "@bufbuild/protobuf";
import { expect, test } from "vitest";
import { IstioCertificateRequestSchema, IstioCertificateResponseSchema } from "../gen/security/v1alpha1/ca_pb.js";
import { FakeClock, newFolder, open, reviews } from "./ca.fixture.ts";
import { createCertificate } from "./certificate-service.ts";

function csr(): string {
  const folder = mkdtempSync(join(tmpdir(), "weft-agent-"));
  const out = join(folder, "csr.pem");
  const args = [
    "req",
    "-new",
    "-newkey",
    "rsa:2048",
    "-nodes",
    "-subj",
    "/",
    "-keyout",
    join(folder, "key.pem"),
    "-out",
    out,
  ];
  execFileSync("openssl", args, { stdio: "ignore" });
  return readFileSync(out, "utf8");
}

async function ask(fields: MessageInitShape<typeof IstioCertificateRequestSchema>, clock = new FakeClock()) {
  const authority = await open(newFolder(), clock);
  const message = toBinary(IstioCertificateRequestSchema, create(IstioCertificateRequestSchema, fields));
  return { authority, answer: await createCertificate({ authority, warn: () => {} }, message, { identity: reviews }) };
}

test("an agent of Istio's gets a chain for its RSA key too, no longer than it asked for", async () => {
  const clock = new FakeClock();
  const { authority, answer } = await ask({ csr: csr(), validityDuration: 3600n }, clock);
  if (!(answer instanceof Uint8Array)) throw new Error(answer.message);
  const { certChain } = fromBinary(IstioCertificateResponseSchema, answer);
  const leaf = new X509Certificate(certChain[0] as string);
  expect(certChain[1]).toBe(authority.roots[0]);
  expect(leaf.subjectAltName).toBe("URI:spiffe://cluster.local/ns/default/sa/reviews");
  expect(leaf.validToDate.getTime()).toBe(clock.time + 3_600_000);
  expect(leaf.verify(new X509Certificate(certChain[1] as string).publicKey)).toBe(true);
});

test("nonsense is refused, and so is a certificate for somebody else", async () => {
  expect((await ask({ csr: "nonsense" })).answer).toMatchObject({ status: 3 });
  const forOther = { csr: csr(), metadata: { ImpersonatedIdentity: "spiffe://cluster.local/ns/default/sa/admin" } };
  expect((await ask(forOther)).answer).toMatchObject({ status: 16 });
  const authority = await open(newFolder(), new FakeClock());
  const unread = createCertificate({ authority, warn: () => {} }, Buffer.from([0xff, 0xff]), { identity: reviews });
  expect(await unread).toMatchObject({ status: 3 });
});
