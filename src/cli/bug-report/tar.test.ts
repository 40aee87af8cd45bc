import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { tar } from "./tar.ts";

test("tar unpacks what it wrote, long paths, empty files and whole blocks included", () => {
  const folder = mkdtempSync(join(tmpdir(), "weft-tar-"));
  const long = `report/${"a".repeat(60)}/${"b".repeat(60)}/log.txt`;
  const files = { "report/one.txt": "text\n", "report/empty": "", "report/block": "x".repeat(512), [long]: "far\n" };
  const entries = Object.entries(files).map(([path, text]) => ({ path, content: Buffer.from(text) }));
  writeFileSync(join(folder, "all.tar.gz"), gzipSync(tar(entries, 1_700_000_000_000)));
  execFileSync("tar", ["xzf", "all.tar.gz"], { cwd: folder });
  for (const [path, text] of Object.entries(files)) expect(readFileSync(join(folder, path), "utf8")).toBe(text);
  rmSync(folder, { recursive: true });
});

test("a path that does not fit is refused", () => {
  expect(() => tar([{ path: "a".repeat(101), content: Buffer.alloc(0) }], 0)).toThrow("too long");
});
