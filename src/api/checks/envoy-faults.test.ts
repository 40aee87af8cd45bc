import { expect, test } from "vitest";
import { envoyVersion } from "../../../setup/envoy.mjs";
import { envoyFault } from "./envoy-faults.ts";

test.each([
  ["1.34.14", "1.34.14 gets no fixes"],
  ["1.35.12", "1.35.12 has CVE-2026-47774, CVE-2026-47778, CVE-2026-48044"],
  ["1.38.2", "1.38.2 has CVE-2026-47774, CVE-2026-47778, CVE-2026-48044"],
  ["1.38.3", undefined],
  ["1.39.0", undefined],
  [envoyVersion, undefined],
  ["unknown", undefined],
  ["", undefined],
])("%s", (version, fault) => expect(envoyFault(version)).toBe(fault));
