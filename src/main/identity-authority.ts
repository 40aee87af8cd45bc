import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { controlPlaneName } from "../agent/bootstrap-xds.ts";
import { type Authority, openAuthority } from "../ca/authority.ts";
import { PrivateFiles } from "../ca/private-files.ts";
import { openTokens, type Tokens } from "../ca/token.ts";
import type { Clock } from "../std/clock.ts";
import type { Log } from "../std/log.ts";
import type { Random } from "../std/random.ts";
import type { TlsMaterial } from "../xds/listener.ts";

/** The mesh's certificate authority, with all that is made of it. */
export interface Identities {
  readonly authority: Authority;
  readonly tokens: Tokens;
  /** PEM of the roots, for proxies to check the control plane by. */
  readonly rootFile: string;
  /** A certificate of the control plane for these addresses. */
  serverTls(ips: readonly string[]): Promise<{ readonly tls: TlsMaterial; readonly renewAt: number }>;
}

/** Opens what is kept in `stateDir/ca`, or makes it. */
export async function openIdentities(
  stateDir: string,
  trustDomain: string,
  { clock, random, log }: { clock: Clock; random: Random; log: Log },
): Promise<Identities> {
  const files = new PrivateFiles(join(stateDir, "ca"), log);
  const authority = await openAuthority({ files, trustDomain, clock, random, log });
  const tokens = await openTokens({ files, trustDomain, clock, log });
  const rootFile = join(stateDir, "root.pem");
  const roots = authority.roots.join("");
  writeFileSync(rootFile, roots);
  return {
    authority,
    tokens,
    rootFile,
    async serverTls(ips) {
      const identity = { trustDomain, namespace: "istio-system", serviceAccount: "istiod" };
      const { key, chain, notBefore, notAfter } = await authority.issueServer(identity, {
        dns: [controlPlaneName],
        ips,
      });
      return { tls: { key: key.pem(), cert: chain, ca: roots }, renewAt: notBefore + (notAfter - notBefore) / 2 };
    },
  };
}
