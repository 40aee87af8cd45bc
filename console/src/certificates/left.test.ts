import { expect, it } from "vitest";
import type { CertificateSummary } from "../../../src/api/contract/certificates.ts";
import { healthOf, lived, spanOf } from "./left.ts";

const day = 86_400_000;
const now = 1_700_000_000_000;
const of = (from: number, to: number, renewed: boolean) =>
  ({ notBefore: now + from * day, notAfter: now + to * day, renewed }) as CertificateSummary;

it("counts a certificate where it ends", () => {
  expect([-1, 0.02, 0.5, 3, 20, 300, 4000].map((left) => spanOf(of(-1, left, true), now))).toEqual([
    "ended",
    "1 h",
    "1 d",
    "7 d",
    "30 d",
    "1 y",
    "later",
  ]);
});

it("worries about what Weft renews only when that did not happen, about others a week before", () => {
  expect(healthOf(of(-0.5, 0.5, true), now)).toBe("healthy");
  expect(healthOf(of(-0.95, 0.05, true), now)).toBe("degraded");
  expect(healthOf(of(-80, 6, false), now)).toBe("degraded");
  expect(healthOf(of(-80, 8, false), now)).toBe("healthy");
  expect(healthOf(of(-80, -1, false), now)).toBe("failing");
});

it("knows how much of a life is over", () => {
  expect(lived(of(-1, 3, true), now)).toBe(0.25);
  expect(lived(of(1, 3, true), now)).toBe(0);
  expect(lived(of(-3, -1, true), now)).toBe(1);
});
