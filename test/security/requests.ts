import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as asn1js from "asn1js";
import {
  Attribute,
  AttributeTypeAndValue,
  BasicConstraints,
  CertificationRequest,
  Extension,
  Extensions,
  ExtKeyUsage,
  GeneralName,
  GeneralNames,
} from "pkijs";
import { toPem } from "../../src/ca/private-key.ts";

/** What a PKCS #10 request asks for beside its key. */
export interface Wishes {
  readonly commonName?: string;
  readonly uris?: readonly string[];
  readonly dns?: readonly string[];
  readonly ca?: boolean;
  /** Object identifiers of extended key usages. */
  readonly usages?: readonly string[];
  /** Extensions in the place of what the others make, as bytes of their value. */
  readonly raw?: readonly { readonly oid: string; readonly value: ArrayBuffer }[];
}

/** A request with a P-256 key that is signed as it should be, whatever it asks for. */
export async function requestFor(wishes: Wishes): Promise<string> {
  return (await signedRequest(wishes)).pem;
}

/** The same with its key, for whoever wants to use the certificate. */
export async function signedRequest(wishes: Wishes = {}): Promise<{ readonly pem: string; readonly keyPem: string }> {
  const keys = await crypto.subtle.generateKey({ name: "ECDSA", namedCurve: "P-256" }, true, ["sign", "verify"]);
  const request = new CertificationRequest();
  if (wishes.commonName !== undefined)
    request.subject.typesAndValues.push(
      new AttributeTypeAndValue({ type: "2.5.4.3", value: new asn1js.Utf8String({ value: wishes.commonName }) }),
    );
  await request.subjectPublicKeyInfo.importKey(keys.publicKey);
  const extensions = extensionsOf(wishes);
  if (extensions.length > 0)
    request.attributes = [
      new Attribute({ type: "1.2.840.113549.1.9.14", values: [new Extensions({ extensions }).toSchema()] }),
    ];
  await request.sign(keys.privateKey, "SHA-256");
  return {
    pem: toPem("CERTIFICATE REQUEST", new Uint8Array(request.toSchema(true).toBER(false))),
    keyPem: toPem("PRIVATE KEY", new Uint8Array(await crypto.subtle.exportKey("pkcs8", keys.privateKey))),
  };
}

function extensionsOf({ uris = [], dns = [], ca, usages = [], raw = [] }: Wishes): Extension[] {
  const names = [
    ...uris.map((value) => new GeneralName({ type: 6, value })),
    ...dns.map((value) => new GeneralName({ type: 2, value })),
  ];
  const of = (extnID: string, value: { toBER(): ArrayBuffer }) =>
    new Extension({ extnID, critical: true, extnValue: value.toBER() });
  return [
    ...(names.length > 0 ? [of("2.5.29.17", new GeneralNames({ names }).toSchema())] : []),
    ...(ca === undefined ? [] : [of("2.5.29.19", new BasicConstraints({ cA: ca }).toSchema())]),
    ...(usages.length > 0 ? [of("2.5.29.37", new ExtKeyUsage({ keyPurposes: [...usages] }).toSchema())] : []),
    ...raw.map(({ oid, value }) => new Extension({ extnID: oid, critical: true, extnValue: value })),
  ];
}

/** A request as the OpenSSL program makes it: `["-newkey", "rsa:2048"]`. */
export function opensslRequest(args: readonly string[], text = ""): string {
  const folder = mkdtempSync(join(tmpdir(), "weft-request-"));
  const [key, out, config] = ["key.pem", "request.pem", "config"].map((name) => join(folder, name)) as [
    string,
    string,
    string,
  ];
  writeFileSync(config, `[req]\ndistinguished_name=name\n[name]\n${text}\n`);
  const fixed = ["req", "-new", "-nodes", "-subj", "/", "-config", config, "-keyout", key, "-out", out];
  execFileSync("openssl", [...fixed, ...args], { stdio: "ignore" });
  return readFileSync(out, "utf8");
}

/** The same request with one bit of its last byte, which is of the signature, turned over. */
export function forged(pem: string): string {
  const der = Buffer.from(pem.replace(/-----[^-]+-----|\s/g, ""), "base64");
  der.writeUInt8(der.readUInt8(der.length - 1) ^ 1, der.length - 1);
  return toPem("CERTIFICATE REQUEST", der);
}

/** A request with an RSA key of 16,384 bits, which nobody waits for to be made: its modulus is random, its signature another's. */
export function hugeKey(): string {
  const der = Buffer.from(opensslRequest(["-newkey", "rsa:2048"]).replace(/-----[^-]+-----|\s/g, ""), "base64");
  const request = CertificationRequest.fromBER(new Uint8Array(der));
  const integer = (bytes: Uint8Array) => new asn1js.Integer({ valueHex: new Uint8Array(bytes).buffer });
  const modulus = Buffer.concat([Buffer.from([0]), Buffer.alloc(2048, 0xc7)]);
  const key = new asn1js.Sequence({ value: [integer(modulus), integer(Buffer.from([1, 0, 1]))] });
  request.subjectPublicKeyInfo.subjectPublicKey = new asn1js.BitString({ valueHex: key.toBER() });
  // Written as it stands now, not as it was read.
  request.tbsView = new Uint8Array(request.toSchema(true).valueBlock.value[0]?.toBER() ?? new ArrayBuffer(0));
  return toPem("CERTIFICATE REQUEST", new Uint8Array(request.toSchema(true).toBER(false)));
}
