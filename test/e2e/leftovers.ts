import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync, readlinkSync } from "node:fs";

/** All on this machine that belongs to a mesh: processes, interfaces, nft tables, mounts. Empty when it left nothing. */
export function leftovers(meshId: string, dir: string): string[] {
  return [...processes(meshId, dir), ...interfaces(meshId), ...tables(meshId), ...mounts(dir)];
}

function processes(meshId: string, dir: string): string[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .flatMap((pid) => {
      const environment = read(`/proc/${pid}/environ`).split("\0");
      const command = read(`/proc/${pid}/cmdline`).replaceAll("\0", " ");
      const ours =
        environment.includes(`WEFT_MESH=${meshId}`) ||
        environment.some((line) => line.endsWith(`=${dir}`) || line.includes(`=${dir}/`)) ||
        command.includes(`${dir}/`);
      return ours ? [`process ${pid}: ${command}`] : [];
    });
}

function interfaces(meshId: string): string[] {
  return readdirSync("/sys/class/net")
    .filter((name) => name.includes(meshId))
    .map((name) => `interface ${name}`);
}

function tables(meshId: string): string[] {
  const { stdout } = spawnSync("nft", ["list", "tables"], { encoding: "utf8" });
  return (stdout ?? "")
    .split("\n")
    .filter((line) => line.includes(meshId))
    .map((line) => `nft ${line}`);
}

function mounts(dir: string): string[] {
  return read("/proc/self/mountinfo")
    .split("\n")
    .filter((line) => line.includes(`${dir}/`))
    .map((line) => `mount ${line}`);
}

/** The network namespaces that processes of this machine are in. */
export function networkNamespaces(): Set<string> {
  const found = new Set<string>();
  for (const name of readdirSync("/proc").filter((each) => /^\d+$/.test(each))) {
    try {
      found.add(readlinkSync(`/proc/${name}/ns/net`));
    } catch {
      // It ended meanwhile, or is not ours to look at.
    }
  }
  return found;
}

function read(file: string): string {
  try {
    return readFileSync(file, "latin1");
  } catch {
    return "";
  }
}
