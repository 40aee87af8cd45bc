import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { lastWords } from "./last-words.ts";

const folder = mkdtempSync(join(tmpdir(), "weft-words-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function log(text: string): string {
  const file = join(folder, "proxy.log");
  writeFileSync(file, text);
  return file;
}

const head = "[2026-11-21 15:45:41.491][26272][critical]";

test("an Envoy without inotify instances says how to have more", () => {
  const words = lastWords(
    log(
      `noise\n${head}[assert] [source/x.cc:25] assert failure: inotify_fd_ >= 0. Details: Consider increasing\n${head}[backtrace] [x] #0\n`,
    ),
  );
  expect(words).toContain("sysctl -w fs.inotify.max_user_instances=8192");
});

test("else its own last critical line, without the time", () => {
  expect(lastWords(log(`${head}[main] [source/server.cc:1] error initializing configuration: no\n`))).toBe(
    "error initializing configuration: no",
  );
});

test("a log that says nothing, or is not there, is no reason", () => {
  expect([lastWords(log("[info] all is well\n")), lastWords(join(folder, "none"))]).toEqual([undefined, undefined]);
});
