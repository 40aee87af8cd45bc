import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { cachedEnvoy, ensureEnvoy, envoyVersion, versionOf } from "./envoy.mjs";

let home;
beforeEach(() => {
  home = fs.mkdtempSync(path.join(os.tmpdir(), "weft-setup-"));
});
afterEach(() => fs.rmSync(home, { recursive: true, force: true }));

/** A program that says it is Envoy of a version. */
function pretend(file, version) {
  fs.mkdirSync(path.dirname(file), { recursive: true });
  fs.writeFileSync(file, `#!/bin/sh\necho "envoy  version: 0123abc/${version}/Clean/RELEASE/BoringSSL"\n`, {
    mode: 0o755,
  });
  return file;
}

const offline = () => ({ HOME: home, PATH: "/nowhere" });

test("an empty cache is filled with the pinned Envoy, and used from then on", async () => {
  const env = { ...process.env, HOME: home, XDG_CACHE_HOME: path.join(home, "cache"), WEFT_ENVOY: "" };
  const file = await ensureEnvoy({ env });
  expect(file).toBe(path.join(home, "cache", "weft", "envoy", envoyVersion, "envoy"));
  expect(versionOf(file)).toBe(envoyVersion);
  // Offline, without any pip: the cache is enough.
  expect(await ensureEnvoy({ env: { ...env, PATH: "/nowhere" } })).toBe(file);
}, 300_000);

test("WEFT_ENVOY of another minor version is refused, with both versions", async () => {
  const env = { ...offline(), WEFT_ENVOY: pretend(path.join(home, "envoy"), "1.31.2") };
  await expect(ensureEnvoy({ env })).rejects.toThrow(/this is Envoy 1\.31\.2, and Weft needs 1\.40\.0; set WEFT_ENVOY/);
});

test("WEFT_ENVOY that is not there, or no Envoy, is refused", async () => {
  await expect(ensureEnvoy({ env: { ...offline(), WEFT_ENVOY: "/no/such/envoy" } })).rejects.toThrow(
    /there is no such file/,
  );
  await expect(ensureEnvoy({ env: { ...offline(), WEFT_ENVOY: "/bin/true" } })).rejects.toThrow(
    /no Envoy that runs here/,
  );
});

test("WEFT_ENVOY with another patch level is used, with a warning", async () => {
  const warnings = [];
  const file = pretend(path.join(home, "envoy"), "1.40.7");
  expect(await ensureEnvoy({ env: { ...offline(), WEFT_ENVOY: file }, warn: (text) => warnings.push(text) })).toBe(
    file,
  );
  expect(warnings.join()).toContain("1.40.7");
});

test("without pip, an Envoy on PATH of the right minor version will do", async () => {
  const bin = path.join(home, "bin");
  const file = pretend(path.join(bin, "envoy"), "1.40.1");
  const env = { HOME: home, PATH: bin };
  expect(await ensureEnvoy({ env })).toBe(file);
  pretend(file, "1.39.0");
  await expect(ensureEnvoy({ env })).rejects.toThrow(/is 1\.39\.0[\s\S]*Install Python 3 with pip, or set WEFT_ENVOY/);
});

test("an Envoy in the cache that is another version is not used", async () => {
  pretend(cachedEnvoy(offline()), "1.31.0");
  await expect(ensureEnvoy({ env: offline() })).rejects.toThrow(/could not be fetched/);
});
