import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Authority, openAuthority } from "../ca/authority.ts";
import { PrivateFiles } from "../ca/private-files.ts";
import { openTokens, type Tokens } from "../ca/token.ts";
import type { Clock } from "../std/clock.ts";
import type { Log } from "../std/log.ts";
import type { Random } from "../std/random.ts";

/** The mesh's certificate authority, with all that is made of it. */
export interface Identities {
  readonly authority: Authority;
  readonly tokens: Tokens;
  /** PEM of the roots, for proxies to check the control plane by. */
  readonly rootFile: string;
}

/** Opens what is kept in `stateDir/ca`, or makes it. */
export async function openIdentities(
  stateDir: string,
  trustDomain: string,
  { clock, random, log }: { clock: Clock; random: Random; log: Log },
): Promise<Identities> {
  const files = new PrivateFiles(join(stateDir, "ca"), log);
  const authority = await openAuthority({ home: files, trustDomain, clock, random, log });
  const tokens = await openTokens({ files, trustDomain, clock, log });
  const rootFile = join(stateDir, "root.pem");
  writeFileSync(rootFile, authority.roots.join(""));
  return { authority, tokens, rootFile };
}
