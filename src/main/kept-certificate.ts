import { controlPlaneName } from "../agent/bootstrap-xds.ts";
import type { KeyAndCertificate } from "../ca/authority.ts";
import { certificatesIn, keyIn, pemOf } from "../ca/pem.ts";
import type { PrivateFiles } from "../ca/private-files.ts";
import { passingCertificate } from "../ca/signer.ts";
import type { Clock } from "../std/clock.ts";
import type { Log } from "../std/log.ts";
import type { Random } from "../std/random.ts";

const file = "server.pem";

/** A server's certificate with its key in PEM, and when it was made and ends, in milliseconds since the epoch. */
export type ServerCertificate = Pick<KeyAndCertificate, "chain" | "issuedAt" | "notAfter"> & { readonly key: string };

/** Keeps it for the next start; a disk that refuses is no reason not to use it. */
export function keepCertificate(files: PrivateFiles | undefined, { key, chain }: ServerCertificate, log: Log): void {
  try {
    files?.write(file, key + chain);
  } catch (error) {
    log.warn("the control plane's own certificate is not kept for its next start", { error: (error as Error).message });
  }
}

/** What to show while the authority cannot sign: the last one that was kept, or else one that nobody trusts. */
export async function certificateMeanwhile(
  files: PrivateFiles | undefined,
  { clock, random, log }: { clock: Clock; random: Random; log: Log },
): Promise<ServerCertificate> {
  const text = readKept(files) ?? "";
  const key = keyIn(text);
  const chain = certificatesIn(text).filter((x509) => x509 !== undefined);
  const [leaf] = chain;
  const notAfter = leaf?.validToDate.getTime() ?? 0;
  if (key !== undefined && leaf !== undefined && notAfter > clock.now())
    return { key: `${key}\n`, chain: chain.map(pemOf).join(""), issuedAt: leaf.validFromDate.getTime(), notAfter };
  log.error("the control plane has no certificate of the mesh: proxies cannot connect until its authority signs");
  return passingCertificate(controlPlaneName, clock.now(), random);
}

function readKept(files: PrivateFiles | undefined): string | undefined {
  try {
    return files?.read(file);
  } catch {
    return undefined;
  }
}
