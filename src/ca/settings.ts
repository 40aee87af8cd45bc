import type { AuthoritySettings } from "./authority.ts";
import type { KeyKind } from "./private-key.ts";

const day = 24 * 3_600_000;

/**
 * An authority's settings as istiod takes them from its environment (pilot/pkg/bootstrap/istio_ca.go), or which of them is wrong, in words. What is
 * absent stays absent.
 */
export function authoritySettings(
  env: Readonly<Record<string, string | undefined>>,
): AuthoritySettings | { readonly wrong: string } {
  const settings: Settings = {};
  for (const [name, take] of Object.entries(takes)) {
    const text = env[name];
    if (text === undefined || text === "") continue;
    const wrong = take(text, settings);
    if (wrong !== undefined) return { wrong: `${name}: "${text}" ${wrong}` };
  }
  if (settings.longestLeafMs !== undefined && settings.longestLeafMs < (settings.leafLifeMs ?? day))
    return { wrong: "MAX_WORKLOAD_CERT_TTL is shorter than DEFAULT_WORKLOAD_CERT_TTL" };
  return settings;
}

type Settings = { -readonly [K in keyof AuthoritySettings]: AuthoritySettings[K] };
type Take = (text: string, settings: Settings) => string | undefined;

const takes: Readonly<Record<string, Take>> = {
  DEFAULT_WORKLOAD_CERT_TTL: life((settings, ms) => {
    settings.leafLifeMs = ms;
  }),
  MAX_WORKLOAD_CERT_TTL: life((settings, ms) => {
    settings.longestLeafMs = ms;
  }),
  CITADEL_SELF_SIGNED_CA_CERT_TTL: life((settings, ms) => {
    settings.rootLifeMs = ms;
  }),
  CITADEL_SELF_SIGNED_ROOT_CERT_GRACE_PERIOD_PERCENTILE(text, settings) {
    const part = Number(text);
    if (!/^\d+$/.test(text) || part < 1 || part > 99) return "is no whole number from 1 to 99";
    settings.renewRootAt = 1 - part / 100;
    return undefined;
  },
  CITADEL_SELF_SIGNED_CA_RSA_KEY_SIZE(text, settings) {
    const kind = rsaKinds.get(text);
    if (kind === undefined) return "is none of 2048, 3072 and 4096";
    settings.rootKey = kind;
    return undefined;
  },
};

const rsaKinds: ReadonlyMap<string, KeyKind> = new Map([
  ["2048", "RSA-2048"],
  ["3072", "RSA-3072"],
  ["4096", "RSA-4096"],
]);

function life(set: (settings: Settings, ms: number) => void): Take {
  return (text, settings) => {
    const ms = goDuration(text);
    if (ms === undefined || ms < 1000) return 'is no duration of a second or more; write it like "24h" or "1h30m"';
    set(settings, ms);
    return undefined;
  };
}

/** Milliseconds of Go's `1h30m`, of whole hours, minutes and seconds. */
function goDuration(text: string): number | undefined {
  const parts = /^(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?$/.exec(text);
  if (parts === null || text === "") return undefined;
  const [hours, minutes, seconds] = parts.slice(1).map((part) => Number(part ?? 0)) as [number, number, number];
  return ((hours * 60 + minutes) * 60 + seconds) * 1000;
}

/**
 * The kind of a workload's key, as Istio's agents take it from `proxyMetadata` (pilot/cmd/pilot-agent): ECDSA on P-256 unless a size of RSA keys
 * is said. What is none of the known values is as if unsaid.
 */
export function leafKeyKind(proxyMetadata: Readonly<Record<string, unknown>>): KeyKind {
  const { ECC_SIGNATURE_ALGORITHM: ecc, ECC_CURVE: curve, WORKLOAD_RSA_KEY_SIZE: size } = proxyMetadata;
  const rsa = rsaKinds.get(String(size));
  if (rsa !== undefined && ecc !== "ECDSA") return rsa;
  return curve === "P384" ? "P-384" : "P-256";
}
