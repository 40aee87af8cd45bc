import { deepStrictEqual, strictEqual } from "node:assert";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "vitest";
import type { Change } from "../model/change.ts";
import { systemRootsSource } from "./system-roots.ts";

async function told(...candidates: readonly string[]): Promise<readonly Change[]> {
  const events: Change[] = [];
  await systemRootsSource(candidates).start(({ changes }) => void events.push(...changes));
  return events;
}

test("the first file that is there, as an object; none where none is", async () => {
  const folder = mkdtempSync(join(tmpdir(), "roots-"));
  const file = join(folder, "roots.pem");
  writeFileSync(file, "roots");
  try {
    const [change] = await told(join(folder, "none.pem"), file);
    strictEqual(change !== undefined && "put" in change, true);
    if (change !== undefined && "put" in change) deepStrictEqual(change.put.data, { data: { "ca.crt": "roots" } });
    deepStrictEqual(await told(join(folder, "none.pem")), []);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
