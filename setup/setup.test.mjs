import { spawn, spawnSync } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import zlib from "node:zlib";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { consoleCurrent } from "./console.mjs";
import { ensurePackages, packagesCurrent } from "./packages.mjs";
import { progress } from "./progress.mjs";
import { ensureSystem, familyOf, missingPackages } from "./system.mjs";
import { unzipOne } from "./wheel.mjs";

const here = path.dirname(fileURLToPath(import.meta.url));
let folder;
beforeEach(() => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), "weft-setup-"));
});
afterEach(() => fs.rmSync(folder, { recursive: true, force: true }));

function write(name, content) {
  const file = path.join(folder, name);
  fs.mkdirSync(path.dirname(file), { recursive: true });
  fs.writeFileSync(file, typeof content === "string" ? content : JSON.stringify(content));
  return file;
}

describe("npm packages", () => {
  const lock = {
    packages: {
      "": {},
      "node_modules/a": { version: "1.0.0" },
      "node_modules/b-win32": { version: "1.0.0", optional: true },
    },
  };

  test("are current when what is installed is what the lock file says, but for other machines' packages", () => {
    expect(packagesCurrent(folder)).toBe(false);
    write("package-lock.json", lock);
    expect(packagesCurrent(folder)).toBe(false);
    write("node_modules/.package-lock.json", { packages: { "node_modules/a": { version: "1.0.0" } } });
    expect(packagesCurrent(folder)).toBe(true);
  });

  test("are not when a version differs, or one is missing", () => {
    write("package-lock.json", lock);
    write("node_modules/.package-lock.json", { packages: { "node_modules/a": { version: "0.9.0" } } });
    expect(packagesCurrent(folder)).toBe(false);
    write("node_modules/.package-lock.json", { packages: {} });
    expect(packagesCurrent(folder)).toBe(false);
  });
});

test("npm packages are installed although the lock file lacks one for another machine", async () => {
  // A package in a folder: nothing is fetched. Its optional dependency is nowhere, and so not in the lock file.
  write("dep/package.json", {
    name: "dep",
    version: "1.0.0",
    optionalDependencies: { "for-another-machine": "file:../nowhere" },
  });
  write("app/package.json", { name: "app", version: "1.0.0", dependencies: { dep: "file:../dep" } });
  const lock = { name: "app", version: "1.0.0", lockfileVersion: 3, requires: true };
  const stale = { "": { name: "app", version: "1.0.0", dependencies: {} } };
  write("app/package-lock.json", { ...lock, packages: stale });
  const before = fs.readFileSync(path.join(folder, "app", "package-lock.json"), "utf8");
  const steps = [];
  const step = (name, work) => {
    steps.push(name);
    return work();
  };
  await ensurePackages(path.join(folder, "app"), {
    step,
    name: "",
    env: { ...process.env, npm_config_offline: "true" },
  });
  expect(steps).toEqual(["Installing npm packages"]);
  expect(fs.existsSync(path.join(folder, "app", "node_modules", "dep", "package.json"))).toBe(true);
  expect(fs.readFileSync(path.join(folder, "app", "package-lock.json"), "utf8")).toBe(before);
}, 120_000);

test("the console is built again when one of its sources is newer", () => {
  const source = write("console/src/app.tsx", "x");
  const built = path.join(folder, "console", "dist", "index.html");
  expect(consoleCurrent(path.join(folder, "console"))).toBe(false);
  write("console/dist/index.html", "y");
  fs.utimesSync(source, 1000, 1000);
  fs.utimesSync(built, 2000, 2000);
  expect(consoleCurrent(path.join(folder, "console"))).toBe(true);
  fs.utimesSync(source, 3000, 3000);
  expect(consoleCurrent(path.join(folder, "console"))).toBe(false);
});

describe("what network namespaces need", () => {
  // A PATH alone does not hide sbin: the search looks there too.
  test("is complete on a machine that has ip, nft, unshare and nsenter", () => {
    const has = (program) =>
      ["/usr/sbin", "/sbin", "/usr/bin", "/bin"].some((place) => fs.existsSync(path.join(place, program)));
    expect(missingPackages().includes("nftables")).toBe(!has("nft"));
    expect(missingPackages().includes("iproute2")).toBe(!has("ip"));
  });

  test.each([
    ["ID=debian\n", "debian"],
    ['ID=ubuntu\nID_LIKE="debian"\n', "debian"],
    ['ID="rocky"\nID_LIKE="rhel centos fedora"\n', "fedora"],
    ["ID=void\n", ""],
  ])("%j is of the family %j", (text, family) => {
    expect(familyOf(write("os-release", text))).toBe(family);
  });

  test("asks nobody when nothing is missing", async () => {
    const told = [];
    await ensureSystem({ warn: (text) => told.push(text), step: (name) => told.push(name) });
    expect(told.length).toBe(missingPackages().length === 0 ? 0 : 1);
  });
});

describe("a file out of a wheel", () => {
  /** A zip archive of one file, as small as the format allows. */
  function zip(name, content, method) {
    const data = method === 8 ? zlib.deflateRawSync(content) : content;
    const local = Buffer.alloc(30);
    local.writeUInt32LE(0x04034b50, 0);
    local.writeUInt16LE(name.length, 26);
    const entry = Buffer.alloc(46);
    entry.writeUInt32LE(0x02014b50, 0);
    entry.writeUInt16LE(method, 10);
    entry.writeUInt32LE(data.length, 20);
    entry.writeUInt32LE(content.length, 24);
    entry.writeUInt16LE(name.length, 28);
    const end = Buffer.alloc(22);
    end.writeUInt32LE(0x06054b50, 0);
    end.writeUInt16LE(1, 10);
    end.writeUInt32LE(30 + name.length + data.length, 16);
    return Buffer.concat([local, Buffer.from(name), data, entry, Buffer.from(name), end]);
  }
  const content = Buffer.from("envoy ".repeat(1000));

  test.each([0, 8])("is found and unpacked (method %i)", (method) => {
    expect(unzipOne(zip("a/b", content, method), "a/b").equals(content)).toBe(true);
  });

  test("is refused when the archive is cut, or has no such file", () => {
    expect(() => unzipOne(zip("a/b", content, 8).subarray(0, 60), "a/b")).toThrow("not a zip archive");
    expect(() => unzipOne(zip("a/b", content, 8), "c")).toThrow("c is not in the archive");
  });
});

test("progress is plain lines without a terminal, and one line on one", async () => {
  const plain = [];
  await progress({ write: (text) => plain.push(text) }, {}).step("Fetching", async () => 1);
  expect(plain.join("")).toBe("Fetching\n");
  const live = [];
  await progress({ isTTY: true, write: (text) => live.push(text) }, { NO_COLOR: "1" }).step("Fetching", async () => 1);
  expect(live.at(-1).startsWith("\r\u001b[2K√ Fetching ")).toBe(true);
  expect(live.at(-1).endsWith(" s\n")).toBe(true);
});

describe("the program that takes our place", () => {
  const script = (code) => [
    "-e",
    `import(${JSON.stringify(path.join(here, "run.mjs"))}).then((m) => m.become(process.execPath, ["-e", ${JSON.stringify(code)}]))`,
  ];

  test("gives its exit code", () => {
    expect(spawnSync(process.execPath, script("process.exit(7)")).status).toBe(7);
  });

  test("gets our signals, and its death by one is ours", async () => {
    const child = spawn(
      process.execPath,
      script("process.on('SIGTERM', () => process.exit(9)); console.log('up'); setInterval(() => {}, 1000)"),
      { stdio: ["ignore", "pipe", "inherit"] },
    );
    await new Promise((resolve) => child.stdout.once("data", resolve));
    child.kill("SIGTERM");
    expect(await new Promise((resolve) => child.on("exit", resolve))).toBe(9);
    const ended = spawnSync(process.execPath, script("process.kill(process.pid, 'SIGKILL')"));
    expect(ended.signal).toBe("SIGKILL");
  });
});

test("an unknown task is refused before anything is set up", () => {
  const ran = spawnSync(process.execPath, [path.join(here, "npm.mjs"), "fly"], { encoding: "utf8" });
  expect(ran.status).toBe(64);
  expect(ran.stderr).toContain("say start, test or cluster");
});
