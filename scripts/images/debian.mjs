import { createHash } from "node:crypto";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { cacheFolder } from "../../setup/cache.mjs";
import { run } from "../../setup/run.mjs";

/** What the images hold none of: nobody reads it there. Licences stay. */
const left = [
  "./usr/share/man",
  "./usr/share/locale",
  "./usr/share/info",
  "./usr/share/lintian",
  "./usr/share/bash-completion",
  "./usr/share/gdb",
]
  .concat([
    "./usr/share/doc/*/changelog*",
    "./usr/share/doc/*/NEWS*",
    "./usr/share/doc/*/README*",
    "./usr/share/doc/*/examples",
  ])
  .concat([
    "./usr/lib/*/gconv",
    "./lib/*/gconv",
    "./usr/lib/*/audit",
    "./lib/*/audit",
    "./usr/share/base-files",
    "./etc/cron*",
  ]);

/**
 * Puts Debian packages into a root file system: their files without documentation, and what scanners read to know them. Runs no maintainer script.
 *
 * @param {string} root a folder, made here
 * @param {readonly { name: string, version: string, sha256: string }[]} packages
 */
export async function unpack(root, packages) {
  for (const folder of ["bin", "sbin", "lib", "lib64"]) {
    mkdirSync(join(root, "usr", folder), { recursive: true });
    symlinkSync(`usr/${folder}`, join(root, folder));
  }
  mkdirSync(join(root, "var", "lib", "dpkg", "status.d"), { recursive: true });
  for (const wanted of packages) {
    const file = await fetched(wanted);
    const tar = join(root, "..", `${wanted.name}.tar`);
    await run("sh", ["-c", 'dpkg-deb --fsys-tarfile "$1" > "$2"', "sh", file, tar]);
    const without = left.map((path) => `--exclude=${path}`);
    await run("tar", ["-xf", tar, "-C", root, "--keep-directory-symlink", "--no-same-owner", ...without]);
    rmSync(tar);
    writeFileSync(join(root, "var", "lib", "dpkg", "status.d", wanted.name), await run("dpkg-deb", ["--field", file]));
  }
}

/** The versions and hashes that apt would install today. */
export async function candidates(names) {
  const found = await run("apt-cache", ["show", "--no-all-versions", ...names]);
  const records = found
    .split("\n\n")
    .map((text) => Object.fromEntries(text.split("\n").map((line) => line.split(/: (.*)/).slice(0, 2))));
  return names.map((name) => {
    const record = records.find((one) => one.Package === name);
    if (record?.SHA256 === undefined) throw new Error(`apt knows no package ${name}; apt-get update may help`);
    return { name, version: record.Version, sha256: record.SHA256 };
  });
}

/** A package's file, out of the cache or by apt; checked against its hash either way. */
async function fetched({ name, version, sha256 }) {
  const cache = join(cacheFolder(), "debian");
  const kept = join(cache, `${sha256}.deb`);
  if (existsSync(kept) && hashOf(kept) === sha256) return kept;
  mkdirSync(cache, { recursive: true });
  const folder = mkdtempSync(join(cache, "fetch-"));
  try {
    await run("apt-get", ["download", "-qq", `${name}=${version}`], { cwd: folder }).catch((error) => {
      throw new Error(
        `${error.message}\nDebian has replaced ${name} ${version}, or apt's lists are old: apt-get update, then without --packages`,
      );
    });
    const file = join(folder, readdirSync(folder).find((one) => one.endsWith(".deb")) ?? "");
    if (hashOf(file) !== sha256) throw new Error(`${name} ${version} is not the package with SHA-256 ${sha256}`);
    renameSync(file, kept);
    return kept;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function hashOf(file) {
  return createHash("sha256").update(readFileSync(file)).digest("hex");
}
