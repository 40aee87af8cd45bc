import { createHash } from "node:crypto";
import { accessSync, constants, readFileSync } from "node:fs";
import { homedir } from "node:os";
import { delimiter, join } from "node:path";
import { cacheFolder } from "../../setup/cache.mjs";

/** Where the module is that the programs are built from. */
export const moduleFolder = join(import.meta.dirname, "programs");

/** What `build.ts` builds out of Go modules. */
export const builtPrograms = [
  "kube-apiserver",
  "kube-controller-manager",
  "kube-scheduler",
  "kubelet",
  "kube-proxy",
  "kubectl",
  "helm",
  "coredns",
  "pause",
] as const;

/** Programs of a cluster: our own, and those of Debian's packages. */
export type Program =
  | (typeof builtPrograms)[number]
  | "etcd"
  | "containerd"
  | "ctr"
  | "runc"
  | "buildah"
  | "nft"
  | "iptables"
  | "conntrack";

/** Where `build.ts` leaves its programs: a folder for each state of the module, unless `KUBE_BIN` names one. */
export function programFolder(env: NodeJS.ProcessEnv = process.env): string {
  if (env["KUBE_BIN"]) return env["KUBE_BIN"];
  const hash = createHash("sha256");
  for (const file of ["go.mod", "go.sum", "coredns/main.go", "pause/main.go"])
    hash.update(readFileSync(join(moduleFolder, file)));
  return join(cacheFolder(env), "kubernetes", hash.digest("hex").slice(0, 12));
}

/** The path of a program; undefined where this machine has none. */
export function findProgram(name: Program, env: NodeJS.ProcessEnv = process.env): string | undefined {
  const folders = [
    programFolder(env),
    // As other tools that build Kubernetes from its module keep it.
    join(env["HOME"] ?? homedir(), ".cache", "kube-1.34.4"),
    ...(env["PATH"] ?? "").split(delimiter),
    "/usr/sbin",
    "/sbin",
  ];
  return folders.map((folder) => join(folder, name)).find(isProgram);
}

/** Of the programs named, those that this machine lacks. */
export function missingPrograms(names: readonly Program[]): readonly Program[] {
  return names.filter((name) => findProgram(name) === undefined);
}

/** The path of a program. Throws where there is none, saying how to get it. */
export function program(name: Program): string {
  const found = findProgram(name);
  if (found === undefined) throw new Error(`there is no ${name} here; ${howToGet([name])}`);
  return found;
}

/** What to do about programs that are missing. */
export function howToGet(names: readonly Program[]): string {
  const built = names.some((name) => (builtPrograms as readonly string[]).includes(name));
  const packages = names.filter((name) => !(builtPrograms as readonly string[]).includes(name)).map(packageOf);
  return [
    built ? "`npm run cluster` builds Kubernetes (Go 1.25, some 9 minutes on 2 cores)" : [],
    packages.length > 0 ? `apt-get install ${[...new Set(packages)].join(" ")}` : [],
  ]
    .flat()
    .join("; ");
}

function packageOf(name: Program): string {
  return ({ etcd: "etcd-server", ctr: "containerd", nft: "nftables" } as Record<string, string>)[name] ?? name;
}

function isProgram(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
