import { expect, test } from "vitest";
import type { CertificateSummary } from "./contract/certificates.ts";
import { envoyCertificates, withLive } from "./envoy-certs.ts";

const answer = JSON.stringify({
  certificates: [
    {
      ca_cert: [
        {
          ...{ path: "<inline>", serial_number: "01ab", subject_alt_names: [{ uri: "spiffe://cluster.local" }] },
          ...{ valid_from: "2026-01-01T00:00:00Z", expiration_time: "2036-01-01T00:00:00Z" },
        },
      ],
      cert_chain: [
        {
          ...{ path: "<inline>", serial_number: "4D32" },
          subject_alt_names: [{ uri: "spiffe://cluster.local/ns/default/sa/reviews" }],
          ...{ valid_from: "2026-01-01T00:00:00Z", expiration_time: "2026-01-02T00:00:00Z" },
        },
      ],
    },
    {
      ca_cert: [],
      cert_chain: [
        {
          ...{ path: "/etc/certs/shop.pem", serial_number: "9", subject_alt_names: [{ dns: "shop.example" }] },
          ...{ valid_from: "2026-01-01T00:00:00Z", expiration_time: "2026-04-01T00:00:00Z" },
        },
      ],
    },
  ],
});

test("what an Envoy says that it has", () => {
  const told = envoyCertificates(answer, "reviews.default").map(({ kind, name, serial, holders }) => [
    kind,
    name,
    serial,
    holders,
  ]);
  expect(told).toEqual([
    ["root", "spiffe://cluster.local", "1ab", ["reviews.default"]],
    ["workload", "spiffe://cluster.local/ns/default/sa/reviews", "4d32", ["reviews.default"]],
    ["gateway", "shop.example", "9", ["reviews.default", "/etc/certs/shop.pem"]],
  ]);
});

test("who was asked holds what it says, and not what it was given", () => {
  const [, mine] = envoyCertificates(answer, "reviews.default") as [unknown, CertificateSummary];
  const given = { ...mine, subject: "told", holders: ["reviews.default", "away.default"] };
  const newer = { ...given, serial: "5e" };
  const items = withLive([given, newer], [mine], new Set(["reviews.default"]));
  expect(items.map(({ serial, subject, holders }) => [serial, subject, holders])).toEqual([
    ["4d32", "told", ["away.default", "reviews.default"]],
    ["5e", "told", ["away.default"]],
  ]);
});
