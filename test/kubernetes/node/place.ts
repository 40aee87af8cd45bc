import { execFileSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** The node's address, and what its Pods and Services have theirs from. */
export const nodeAddress = "10.255.0.1";
export const podRange = "10.244.0.0/24";
export const serviceRange = "10.96.0.0/16";
export const dnsAddress = "10.96.0.10";

/** Where a node keeps things. Programs and charts know these paths, so the node has them as every other, and the machine does not see it. */
const kept = [
  "/var/lib/kubelet",
  "/var/lib/containerd",
  "/var/lib/cni",
  "/var/log/pods",
  "/var/log/containers",
  "/etc/cni/net.d",
  "/opt/cni/bin",
];

/** Makes a network and a file system of a node's own, in namespaces that are ours already. */
export async function separate(folder: string): Promise<void> {
  const run = (command: string, ...args: readonly string[]) =>
    execFileSync(command, args, { stdio: ["ignore", "ignore", "inherit"] });
  run("mount", "-t", "tmpfs", "tmpfs", "/run");
  mkdirSync("/run/netns");
  mkdirSync("/run/lock");
  for (const path of kept) {
    const own = join(folder, path);
    mkdirSync(own, { recursive: true });
    mkdirSync(path, { recursive: true });
    run("mount", "--bind", own, path);
  }
  // Volumes that a container mounts are seen by others where it asks for that.
  run("mount", "--make-rshared", "/");
  run("cp", "-a", "/usr/lib/cni/.", "/opt/cni/bin");
  run("hostname", "node1");
  run("ip", "link", "set", "lo", "up");
  // Of all kinds that hold an address without a peer, the one that every kernel has.
  run("ip", "link", "add", "node0", "type", "bridge");
  run("ip", "address", "add", `${nodeAddress}/32`, "dev", "node0");
  run("ip", "link", "set", "node0", "up");
  // Addresses of Services need a way out before they become addresses of Pods.
  run("ip", "route", "add", "default", "dev", "node0", "src", nodeAddress);
  writeFileSync("/proc/sys/net/ipv4/ip_forward", "1");
}
