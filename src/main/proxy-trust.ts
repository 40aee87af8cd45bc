import type { Authority } from "../ca/authority.ts";
import { certificatesIn, pemOf } from "../ca/pem.ts";
import type { Trust } from "../ca/trust.ts";
import { type MoreTrust, withMore } from "../ca/trust-domains.ts";
import type { MeshConfigSpec } from "../gen/istio/mesh-config.ts";
import { get, type Snapshot } from "../model/snapshot.ts";
import { meshConfigRef } from "../plan/mesh.ts";
import type { Log } from "../std/log.ts";

/** MeshConfig as a snapshot has it. */
export function meshConfigIn(snapshot: Snapshot): MeshConfigSpec | undefined {
  return get(snapshot, meshConfigRef)?.spec as MeshConfigSpec | undefined;
}

/** What proxies trust: the authority's roots, and what MeshConfig adds to them. The same object for as long as neither changes. */
export function proxyTrust(
  authority: Pick<Authority, "trust" | "trustDomain">,
  settings: () => MeshConfigSpec | undefined,
  log: Log,
): () => Trust {
  let from: Trust | undefined;
  let said: MeshConfigSpec | undefined;
  let more: MoreTrust = { everywhere: [], byDomain: new Map() };
  let made: Trust = { roots: [] };
  return () => {
    const { trust } = authority;
    const now = settings();
    if (trust === from && now === said) return made;
    if (now !== said) more = moreTrustIn(now, log);
    from = trust;
    said = now;
    made =
      trust.roots.length === 0 ? trust : withMore(trust, authority.trustDomain, now?.trustDomainAliases ?? [], more);
    return made;
  };
}

/** What MeshConfig's `caCertificates` and `defaultConfig.caCertificatesPem` name; what is no authority's certificate is told and left out. */
function moreTrustIn(settings: MeshConfigSpec | undefined, log: Log): MoreTrust {
  const everywhere = rootsIn(settings?.defaultConfig?.caCertificatesPem ?? [], "defaultConfig.caCertificatesPem", log);
  const byDomain = new Map<string, string[]>();
  for (const [index, { pem, trustDomains = [] }] of (settings?.caCertificates ?? []).entries()) {
    if (pem === undefined || pem === "") continue;
    const roots = rootsIn([pem], `caCertificates[${index}].pem`, log);
    if (trustDomains.length === 0) everywhere.push(...roots);
    for (const domain of trustDomains) byDomain.set(domain, [...(byDomain.get(domain) ?? []), ...roots]);
  }
  return { everywhere, byDomain };
}

function rootsIn(texts: readonly string[], field: string, log: Log): string[] {
  const found = texts.flatMap((text) => {
    const all = certificatesIn(text);
    return all.length === 0 ? [undefined] : all;
  });
  const good = found.filter((x509) => x509 !== undefined).filter(({ ca }) => ca);
  if (good.length < found.length)
    log.error("MeshConfig names what is no certificate of an authority; it is left out", { field });
  return good.map(pemOf);
}
