import fs from "node:fs";
import path from "node:path";
import { run } from "./run.mjs";

/** Programs that network namespaces need, and Debian's packages of them. */
const needed = { ip: "iproute2", nft: "nftables", unshare: "util-linux", nsenter: "util-linux" };

/** Debian's packages of what this machine lacks. */
export function missingPackages(env = process.env) {
  const folders = [
    ...(env.PATH ?? "").split(path.delimiter),
    "/usr/local/sbin",
    "/usr/sbin",
    "/sbin",
    "/usr/bin",
    "/bin",
  ];
  const has = (program) => folders.some((folder) => fs.existsSync(path.join(folder, program)));
  return [
    ...new Set(
      Object.keys(needed)
        .filter((program) => !has(program))
        .map((program) => needed[program]),
    ),
  ];
}

/**
 * Installs what network namespaces need, where we are root on Debian or Ubuntu; elsewhere `warn` hears the one command to run, and Weft goes
 * on without network namespaces. Never rejects.
 */
export async function ensureSystem({
  env = process.env,
  warn,
  step,
  release = "/etc/os-release",
  uid = process.getuid?.(),
}) {
  if (process.platform !== "linux") return;
  const packages = missingPackages(env);
  if (packages.length === 0) return;
  const list = packages.join(" ");
  const family = familyOf(release);
  const command = installCommand(family, list);
  if (family !== "debian" || uid !== 0)
    return warn(`${list} missing; Weft goes on without network namespaces. To have them: ${command}`);
  try {
    await step(`Installing ${list}`, () => install(packages, env));
  } catch (error) {
    warn(
      `${list} could not be installed: ${error.message}\nWeft goes on without network namespaces. To have them: ${command}`,
    );
  }
}

async function install(packages, env) {
  const apt = { env: { ...env, DEBIAN_FRONTEND: "noninteractive" } };
  const args = ["install", "-y", "--no-install-recommends", ...packages];
  // Most machines know these packages already; one that does not has no lists yet, or old ones.
  await run("apt-get", args, apt).catch(async () => {
    await run("apt-get", ["update"], apt);
    await run("apt-get", args, apt);
  });
}

/** `debian`, `fedora`, `arch`, `alpine`, `suse` or the empty text, out of os-release's ID and ID_LIKE. */
export function familyOf(release) {
  let text = "";
  try {
    text = fs.readFileSync(release, "utf8");
  } catch {
    return "";
  }
  const ids = [...text.matchAll(/^ID(?:_LIKE)?="?([^"\n]*)"?$/gm)].flatMap((match) => match[1].split(" "));
  if (ids.includes("ubuntu")) return "debian";
  return ["debian", "fedora", "arch", "alpine", "suse"].find((family) => ids.includes(family)) ?? "";
}

function installCommand(family, list) {
  const commands = {
    debian: `sudo apt-get install -y ${list}`,
    fedora: `sudo dnf install -y ${list.replace("iproute2", "iproute")}`,
    arch: `sudo pacman -S --noconfirm ${list}`,
    alpine: `sudo apk add ${list}`,
    suse: `sudo zypper install -y ${list}`,
  };
  return commands[family] ?? `install ${list} with your system's packager`;
}
