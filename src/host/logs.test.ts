import { appendFileSync, existsSync, mkdtempSync, openSync, readFileSync, rmSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { readLog, rotate } from "./logs.ts";

let folder: string;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "weft-logs-"));
  file = join(folder, "application.log");
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

async function all(): Promise<string> {
  let text = "";
  for await (const part of readLog(file, false)) text += part;
  return text;
}

test("a log that is too long goes on in a new file, and its writer needs not know", async () => {
  const writer = openSync(file, "a");
  writeSync(writer, "one\n");
  expect(rotate(file, 100)).toBe(false);
  writeSync(writer, `${"x".repeat(200)}\n`);
  expect(rotate(file, 100)).toBe(true);
  writeSync(writer, "two\n");
  expect(readFileSync(file, "utf8")).toBe("two\n");
  expect(await all()).toBe(`one\n${"x".repeat(200)}\ntwo\n`);
});

test("a log that is not there yet is empty, and followed it is read from its first line on", async () => {
  expect(await all()).toBe("");
  expect(existsSync(file)).toBe(false);
  const stop = new AbortController();
  let text = "";
  for await (const part of readLog(file, true, withFirstLine(stop.signal))) {
    text += part;
    if (text.endsWith("second\n")) stop.abort();
    else appendFileSync(file, "second\n");
  }
  expect(text).toBe("first\nsecond\n");

  function withFirstLine(signal: AbortSignal): AbortSignal {
    queueMicrotask(() => appendFileSync(file, "first\n"));
    return signal;
  }
});

test("letters of several bytes are whole, wherever a piece ends", async () => {
  const line = `${"ä€😀".repeat(7000)}\n`;
  appendFileSync(file, line.repeat(5));
  expect(await all()).toBe(line.repeat(5));
});
