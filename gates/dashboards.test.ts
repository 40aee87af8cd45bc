import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { test } from "vitest";

test("dashboards are what scripts/dashboards says", () => {
  execFileSync(process.execPath, [join(import.meta.dirname, "../scripts/dashboards.mjs"), "--check"]);
});
