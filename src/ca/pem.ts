import { X509Certificate } from "node:crypto";

const certificateBlock = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g;
const keyBlock = /-----BEGIN (?:EC |RSA )?PRIVATE KEY-----[^-]+-----END (?:EC |RSA )?PRIVATE KEY-----/;

/** The certificates in a PEM text, in their order; undefined stands for one that cannot be read. What is between them does not count. */
export function certificatesIn(text: string): readonly (X509Certificate | undefined)[] {
  return (text.match(certificateBlock) ?? []).map(parse);
}

/** The first private key in a PEM text, with its frame. */
export function keyIn(text: string): string | undefined {
  return keyBlock.exec(text)?.[0];
}

/** A certificate in PEM as we write it. */
export function pemOf(x509: X509Certificate): string {
  return `${x509.toString().trimEnd()}\n`;
}

/** Whether a certificate is signed by itself. */
export function isSelfSigned(x509: X509Certificate): boolean {
  return x509.subject === x509.issuer && x509.verify(x509.publicKey);
}

function parse(pem: string): X509Certificate | undefined {
  try {
    return new X509Certificate(pem);
  } catch {
    return undefined;
  }
}
