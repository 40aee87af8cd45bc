import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";

const knob = "/proc/sys/net/ipv4/ip_forward";
/** One file for each mesh that needs forwarding, so that the last one to stop sets the machine back as it was. */
const users = "/run/weft/ip_forward";

/** Lets the machine forward packets between the mesh and the world. Where it already does, nothing is changed and nothing is noted. */
export async function requireForwarding(user: string): Promise<void> {
  const on = readFileSync(knob, "latin1").trim() === "1";
  if (on && names().length === 0) return;
  mkdirSync(users, { recursive: true, mode: 0o755 });
  writeFileSync(`${users}/${user}`, "");
  if (!on) writeFileSync(knob, "1");
}

/** Sets the machine back once no mesh needs forwarding any more, if it was a mesh that switched it on. */
export async function releaseForwarding(user: string): Promise<void> {
  if (!names().includes(user)) return;
  rmSync(`${users}/${user}`, { force: true });
  // A mesh whose bridge is gone needs nothing any more.
  if (names().some((name) => existsSync(`/sys/class/net/${name}`))) return;
  writeFileSync(knob, "0");
  rmSync(users, { recursive: true, force: true });
  if (readdirSync("/run/weft").length === 0) rmSync("/run/weft", { recursive: true, force: true });
}

function names(): string[] {
  try {
    return readdirSync(users);
  } catch {
    return [];
  }
}
