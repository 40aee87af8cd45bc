import { X509Certificate } from "node:crypto";
import { expect, test } from "vitest";
import { FakeClock, newFolder, open, recordingLog, reviews } from "./ca.fixture.ts";
import { authoritySettings, leafKeyKind } from "./settings.ts";

const HOUR = 3_600_000;

test("settings have istiod's names", () => {
  const env = {
    DEFAULT_WORKLOAD_CERT_TTL: "1h30m",
    MAX_WORKLOAD_CERT_TTL: "48h",
    CITADEL_SELF_SIGNED_CA_CERT_TTL: "87600h",
    CITADEL_SELF_SIGNED_ROOT_CERT_GRACE_PERIOD_PERCENTILE: "25",
    CITADEL_SELF_SIGNED_CA_RSA_KEY_SIZE: "4096",
    PATH: "/bin",
  };
  expect(authoritySettings(env)).toEqual({
    leafLifeMs: 1.5 * HOUR,
    longestLeafMs: 48 * HOUR,
    rootLifeMs: 87_600 * HOUR,
    renewRootAt: 0.75,
    rootKey: "RSA-4096",
  });
  expect(authoritySettings({})).toEqual({});
});

test.each([
  [{ DEFAULT_WORKLOAD_CERT_TTL: "soon" }, "DEFAULT_WORKLOAD_CERT_TTL"],
  [{ DEFAULT_WORKLOAD_CERT_TTL: "0s" }, "a second or more"],
  [{ CITADEL_SELF_SIGNED_ROOT_CERT_GRACE_PERIOD_PERCENTILE: "100" }, "1 to 99"],
  [{ CITADEL_SELF_SIGNED_CA_RSA_KEY_SIZE: "1024" }, "2048, 3072 and 4096"],
  [{ MAX_WORKLOAD_CERT_TTL: "1h" }, "shorter than DEFAULT_WORKLOAD_CERT_TTL"],
])("%j is refused with the name of the setting", (env, words) => {
  expect(authoritySettings(env)).toEqual({ wrong: expect.stringContaining(words) });
});

test.each([
  [{}, "ec", "prime256v1"],
  [{ ECC_SIGNATURE_ALGORITHM: "ECDSA", ECC_CURVE: "P384" }, "ec", "secp384r1"],
  [{ ECC_SIGNATURE_ALGORITHM: "ECDSA", WORKLOAD_RSA_KEY_SIZE: "2048" }, "ec", "prime256v1"],
  [{ WORKLOAD_RSA_KEY_SIZE: "3072" }, "rsa", 3072],
] as const)("workloads' keys as proxyMetadata %j asks for", async (proxyMetadata, type, size) => {
  const settings = { leafKey: leafKeyKind(proxyMetadata) };
  const authority = await open(newFolder(), new FakeClock(), recordingLog(), { settings });
  const { publicKey } = new X509Certificate((await authority.issue(reviews)).chain);
  const { namedCurve, modulusLength } = publicKey.asymmetricKeyDetails ?? {};
  expect([publicKey.asymmetricKeyType, namedCurve ?? modulusLength]).toEqual([type, size]);
});
