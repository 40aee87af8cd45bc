// Builds the programs of a Kubernetes cluster, CoreDNS and Helm from their Go modules, once for each state of programs/go.mod:
//   node test/kubernetes/build.ts     prints the folder
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { builtPrograms, moduleFolder, programFolder } from "./programs.ts";

const versionOf = (module: string) => {
  const found = new RegExp(`^\\t${module} (v\\S+)$`, "m").exec(readFileSync(join(moduleFolder, "go.mod"), "utf8"));
  if (found?.[1] === undefined) throw new Error(`programs/go.mod names no version of ${module}`);
  return found[1];
};

/** What the programs say of themselves; Helm takes its idea of Kubernetes' version from the same place when there is no cluster. */
function stamps(): string {
  const kubernetes = versionOf("k8s.io/kubernetes");
  const [major = "", minor = ""] = kubernetes.slice(1).split(".");
  const of = (prefix: string, major_: string, minor_: string) => [
    `${prefix}${major_}=${major}`,
    `${prefix}${minor_}=${minor}`,
  ];
  return [
    ...["k8s.io/component-base/version.", "k8s.io/client-go/pkg/version."].flatMap((prefix) => [
      `${prefix}gitVersion=${kubernetes}`,
      `${prefix}gitTreeState=clean`,
      ...of(prefix, "gitMajor", "gitMinor"),
    ]),
    `helm.sh/helm/v3/internal/version.version=${versionOf("helm.sh/helm/v3")}`,
    ...of("helm.sh/helm/v3/pkg/chartutil.", "k8sVersionMajor", "k8sVersionMinor"),
    ...of("helm.sh/helm/v3/pkg/lint/rules.", "k8sVersionMajor", "k8sVersionMinor"),
  ]
    .map((stamp) => `-X ${stamp}`)
    .join(" ");
}

const packageOf = (name: string) =>
  ({ helm: "helm.sh/helm/v3/cmd/helm", coredns: "./coredns", pause: "./pause" })[name] ??
  `k8s.io/kubernetes/cmd/${name}`;

const folder = programFolder();
if (!builtPrograms.every((name) => existsSync(join(folder, name)))) {
  const beside = `${folder}.${process.pid}`;
  mkdirSync(beside, { recursive: true });
  try {
    const begun = performance.now();
    const output = ["-o", `${beside}/`, "-ldflags", `-s -w ${stamps()}`];
    const { status, error } = spawnSync("go", ["build", "-mod=readonly", ...output, ...builtPrograms.map(packageOf)], {
      cwd: moduleFolder,
      env: { ...process.env, CGO_ENABLED: "0" },
      stdio: ["ignore", 2, 2],
    });
    if (status !== 0) throw new Error(`go build failed${error ? `: ${error.message}` : ""}`);
    rmSync(folder, { recursive: true, force: true });
    renameSync(beside, folder);
    process.stderr.write(
      `Kubernetes ${versionOf("k8s.io/kubernetes")} built in ${Math.round((performance.now() - begun) / 1000)} s\n`,
    );
  } finally {
    rmSync(beside, { recursive: true, force: true });
  }
}
process.stdout.write(`${folder}\n`);
