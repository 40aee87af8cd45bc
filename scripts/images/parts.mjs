import {
  chmodSync,
  copyFileSync,
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { packagesCurrent } from "../../setup/packages.mjs";
import { npmEnv, run } from "../../setup/run.mjs";

/** What all images stand on: glibc, the certificates of public authorities, and users. */
export const basePackages = ["base-files", "ca-certificates", "libc6", "libgcc-s1"];

/** nft with its libraries. */
export const nftPackages = [
  "libbsd0",
  "libedit2",
  "libgmp10",
  "libjansson4",
  "libmd0",
  "libmnl0",
  "libnftables1",
  "libnftnl11",
].concat(["libtinfo6", "libxtables12", "nftables"]);

/** nsenter with its libraries. */
export const nsenterPackages = ["libpcre2-8-0", "libselinux1", "util-linux"];

/** Takes away all programs that came with packages but these, and what belongs to the others. */
export function onlyPrograms(root, programs) {
  for (const folder of ["usr/bin", "usr/sbin"])
    for (const name of readdirSync(join(root, folder), { recursive: false }))
      if (!programs.includes(name)) rmSync(join(root, folder, name), { recursive: true });
  for (const folder of [
    "etc/pam.d",
    "etc/default",
    "etc/init.d",
    "usr/share/util-linux",
    "usr/share/nftables",
    "usr/lib/udev",
    "usr/lib/systemd",
  ])
    rmSync(join(root, folder), { recursive: true, force: true });
}

/** Users, the public authorities in one file as OpenSSL and Envoy look for them, and a folder for what is temporary. */
export function finishBase(root) {
  const authorities = join(root, "usr/share/ca-certificates/mozilla");
  const all = readdirSync(authorities)
    .sort()
    .map((name) => readFileSync(join(authorities, name), "utf8"));
  mkdirSync(join(root, "etc/ssl/certs"), { recursive: true });
  writeFileSync(join(root, "etc/ssl/certs/ca-certificates.crt"), all.join(""));
  for (const gone of [authorities, join(root, "usr/sbin/update-ca-certificates"), join(root, "etc/ca-certificates")])
    rmSync(gone, { recursive: true, force: true });
  const users = [
    ["root", 0, "/root"],
    ["nobody", 65534, "/nonexistent"],
    ["nonroot", 65532, "/home/nonroot"],
    ["istio-proxy", 1337, "/"],
  ];
  writeFileSync(
    join(root, "etc/passwd"),
    users.map(([name, id, home]) => `${name}:x:${id}:${id}:${name}:${home}:/usr/sbin/nologin\n`).join(""),
  );
  writeFileSync(join(root, "etc/group"), users.map(([name, id]) => `${name}:x:${id}:\n`).join(""));
  writeFileSync(join(root, "etc/nsswitch.conf"), "passwd: files\ngroup: files\nhosts: files dns\n");
  mkdirSync(join(root, "tmp"), { recursive: true });
}

/** One program in /usr/local/bin. */
export function addProgram(root, file, name) {
  mkdirSync(join(root, "usr/local/bin"), { recursive: true });
  copyFileSync(file, join(root, "usr/local/bin", name));
}

/** The package as `npm pack` makes it, with its dependencies as the lock file has them. */
export async function addPackage(root, project, work) {
  await run("npm", ["pack", "--silent", "--pack-destination", work], { cwd: project, env: npmEnv() });
  const archive = readdirSync(work).find((name) => name.endsWith(".tgz"));
  const home = join(root, "opt/weft");
  mkdirSync(home, { recursive: true });
  await run("tar", ["-xzf", join(work, archive), "-C", home, "--strip-components=1", "--no-same-owner"]);
  addDependencies(home, project);
}

/** The applications of Bookinfo, in the folder that their Deployments' commands are relative to. */
export function addBookinfo(root, project) {
  const home = join(root, "app");
  const from = join(project, "samples/bookinfo");
  mkdirSync(home, { recursive: true });
  cpSync(join(from, "src"), join(home, "src"), { recursive: true, filter: (file) => !/test(-mesh)?\.ts$/.test(file) });
  copyFileSync(join(from, "package.json"), join(home, "package.json"));
  addDependencies(home, project);
}

/** Copies what the package in `home` depends on out of the project's own node_modules, which are as its lock file says. */
function addDependencies(home, project) {
  if (!packagesCurrent(project)) throw new Error(`${project}/node_modules is not what package-lock.json says: npm ci`);
  const added = new Set();
  const add = (name) => {
    if (added.has(name)) return;
    added.add(name);
    const from = join(project, "node_modules", name);
    // Optional ones are for other machines.
    if (!existsSync(from)) return;
    cpSync(from, join(home, "node_modules", name), { recursive: true, dereference: true });
    for (const folder of [from, ...nested(from)]) dependenciesOf(folder).forEach(add);
  };
  dependenciesOf(home).forEach(add);
  prune(join(home, "node_modules"));
}

function dependenciesOf(folder) {
  const { dependencies = {}, optionalDependencies = {} } = JSON.parse(
    readFileSync(join(folder, "package.json"), "utf8"),
  );
  return Object.keys({ ...dependencies, ...optionalDependencies });
}

/** Packages that a package has for itself, in other versions than the rest. */
function nested(folder) {
  const inside = join(folder, "node_modules");
  if (!existsSync(inside)) return [];
  return readdirSync(inside)
    .flatMap((name) => (name.startsWith("@") ? readdirSync(join(inside, name)).map((one) => join(name, one)) : [name]))
    .filter((name) => existsSync(join(inside, name, "package.json")))
    .map((name) => join(inside, name));
}

/** Of packages, what a running program never reads. */
function prune(folder) {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const file = join(folder, entry.name);
    if (entry.isDirectory()) prune(file);
    else if (/\.(d\.[cm]?ts|map|md|markdown|tsbuildinfo)$/.test(entry.name)) rmSync(file);
  }
}

/** The modes that a file system has wherever it is made: umasks differ. */
export function settleModes(root) {
  for (const entry of readdirSync(root, { withFileTypes: true })) {
    const file = join(root, entry.name);
    if (entry.isSymbolicLink()) continue;
    if (entry.isDirectory()) {
      chmodSync(file, entry.name === "tmp" ? 0o1777 : 0o755);
      settleModes(file);
    } else chmodSync(file, lstatSync(file).mode & 0o111 ? 0o755 : 0o644);
  }
}
