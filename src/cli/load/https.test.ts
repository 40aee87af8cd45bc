import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { Integer, OctetString, PrintableString } from "asn1js";
import {
  AttributeTypeAndValue,
  Certificate,
  CryptoEngine,
  Extension,
  GeneralName,
  GeneralNames,
  setEngine,
} from "pkijs";
import { expect, test } from "vitest";
import { runLoad } from "./run.ts";

const pem = (label: string, der: ArrayBuffer): string =>
  `-----BEGIN ${label}-----\n${Buffer.from(der).toString("base64")}\n-----END ${label}-----\n`;

/** A self-signed certificate for 127.0.0.1, good for an hour. */
async function selfSigned(): Promise<{ cert: string; key: string }> {
  setEngine("node", new CryptoEngine({ name: "node", crypto: globalThis.crypto as never }));
  const keys = await crypto.subtle.generateKey({ name: "ECDSA", namedCurve: "P-256" }, true, ["sign", "verify"]);
  const certificate = new Certificate();
  certificate.version = 2;
  certificate.serialNumber = new Integer({ value: 1 });
  for (const name of [certificate.subject, certificate.issuer]) {
    name.typesAndValues.push(
      new AttributeTypeAndValue({ type: "2.5.4.3", value: new PrintableString({ value: "load test" }) }),
    );
  }
  certificate.notBefore.value = new Date(Date.now() - 60_000);
  certificate.notAfter.value = new Date(Date.now() + 3_600_000);
  const address = new GeneralName({
    type: 7,
    value: new OctetString({ valueHex: new Uint8Array([127, 0, 0, 1]).buffer }),
  });
  const names = new GeneralNames({ names: [address] });
  certificate.extensions = [new Extension({ extnID: "2.5.29.17", extnValue: names.toSchema().toBER(false) })];
  await certificate.subjectPublicKeyInfo.importKey(keys.publicKey as never);
  await certificate.sign(keys.privateKey as never, "SHA-256");
  const key = await crypto.subtle.exportKey("pkcs8", keys.privateKey);
  return { cert: pem("CERTIFICATE", certificate.toSchema(true).toBER(false)), key: pem("PRIVATE KEY", key) };
}

test("https: a certificate is checked, against the given ones if so asked, and not at all if so asked", async () => {
  const { cert, key } = await selfSigned();
  const server = createServer({ cert, key }, (_request, response) => response.end("hello"));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const url = `https://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  const once = async (more: { ca?: string; insecure?: boolean }): Promise<unknown> => {
    const { statuses, errors } = await runLoad(
      { url, rate: 1, durationMs: 1, ...more },
      new AbortController().signal,
      () => {},
    );
    return { statuses, errors };
  };
  expect(await once({ ca: cert })).toEqual({ statuses: { 200: 1 }, errors: {} });
  expect(await once({ insecure: true })).toEqual({ statuses: { 200: 1 }, errors: {} });
  expect(await once({})).toEqual({
    statuses: {},
    errors: { "the certificate is not one that this machine trusts": 1 },
  });
  await new Promise((resolve) => server.close(resolve));
});
