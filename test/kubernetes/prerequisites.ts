import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { builtPrograms, howToGet, missingPrograms } from "./programs.ts";

/** Why this machine cannot run a cluster, and what would mend it; undefined where it can. */
export function whyNoCluster(): string | undefined {
  if (process.getuid?.() !== 0) return "a cluster needs root: namespaces, mounts and control groups";
  if (!existsSync("/sys/fs/cgroup/cgroup.controllers") && !existsSync("/sys/fs/cgroup/cpu"))
    return "there are no control groups at /sys/fs/cgroup";
  const missing = missingPrograms([
    ...builtPrograms,
    "etcd",
    "containerd",
    "ctr",
    "runc",
    "buildah",
    "nft",
    "iptables",
    "conntrack",
  ]);
  if (missing.length > 0) return `no ${missing.join(", no ")}; ${howToGet(missing)}`;
  if (!existsSync("/usr/lib/cni/ptp")) return "no CNI plugins; apt-get install containernetworking-plugins";
  const tried = spawnSync("unshare", ["--net", "--mount", "--pid", "--fork", "--mount-proc", "true"], {
    encoding: "utf8",
  });
  return tried.status === 0 ? undefined : `no namespaces of our own here: ${tried.stderr.trim()}`;
}
