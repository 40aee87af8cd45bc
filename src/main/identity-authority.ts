import { readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Authority, type AuthoritySettings, openAuthority } from "../ca/authority.ts";
import { PrivateFiles } from "../ca/private-files.ts";
import { openTokens, type Tokens } from "../ca/token.ts";
import { keepAuthority } from "../ca/upkeep.ts";
import type { ServeOptions } from "../cli/deps.ts";
import type { Clock } from "../std/clock.ts";
import type { Log } from "../std/log.ts";
import type { Random } from "../std/random.ts";
import { caFolder } from "./ca-folder.ts";
import { leafKeyOf } from "./trust-domain.ts";

/** Between two looks at the files of the authority. */
const everyMs = 2000;

/** The mesh's certificate authority, with all that is made of it. */
export interface Identities {
  readonly authority: Authority;
  readonly tokens: Tokens;
  /** Where keys are kept. */
  readonly files: PrivateFiles;
  /** PEM of the roots, for proxies to check the control plane by; written anew when they change. */
  readonly rootFile: string;
  /** Keeps the authority right until the answer is called; `onJump` hears when the clock was set. */
  keep(onJump: () => void): () => void;
}

export interface IdentitiesOptions {
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly settings?: AuthoritySettings;
  /** Where an authority of the user's may be plugged in; `cacerts` of the state folder when absent. */
  readonly caDir?: string;
}

/** What the command line, the environment and MeshConfig say of the authority. */
export function authorityOptions({
  authority,
  caDir,
  meshConfig,
}: Pick<ServeOptions, "authority" | "caDir" | "meshConfig">): Pick<IdentitiesOptions, "settings" | "caDir"> {
  const settings = { ...authority, leafKey: leafKeyOf(meshConfig) };
  return caDir === undefined ? { settings } : { settings, caDir };
}

/** Opens what is kept in `stateDir/ca`, or makes it. */
export async function openIdentities(
  stateDir: string,
  trustDomain: string,
  { clock, random, log, settings = {}, caDir = join(stateDir, "cacerts") }: IdentitiesOptions,
): Promise<Identities> {
  const files = new PrivateFiles(join(stateDir, "ca"), log);
  const rootFile = join(stateDir, "root.pem");
  const known = async () => textOf(rootFile);
  const authority = await openAuthority({
    ...{ home: files, trustDomain, clock, random, log, known, settings },
    pluggedIn: caFolder(caDir, log),
  });
  const tokens = await openTokens({ files, trustDomain, clock, log });
  const publish = () => {
    const text = authority.roots.join("");
    if (text === "" || text === textOf(rootFile)) return;
    // Whole or not at all: Envoys watch it.
    writeFileSync(`${rootFile}.tmp`, text, { mode: 0o600 });
    renameSync(`${rootFile}.tmp`, rootFile);
  };
  publish();
  return {
    ...{ authority, tokens, files, rootFile },
    keep(onJump) {
      const ends = [authority.onChange(publish), keepAuthority({ authority, clock, log, everyMs, onJump })];
      return () => {
        for (const end of ends) end();
      };
    },
  };
}

function textOf(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
}
