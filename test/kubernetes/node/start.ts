import { execFile, execFileSync, spawnSync } from "node:child_process";
import { chmodSync, copyFileSync, mkdirSync, writeFileSync } from "node:fs";
import { get } from "node:http";
import { basename, join } from "node:path";
import { promisify } from "node:util";
import { buildah } from "../../../scripts/images/buildah.mjs";
import { etcdCommand, isReady, prepare, runKubectl, writeKubeconfig } from "../api-server.ts";
import { background, type Running, until } from "../processes.ts";
import { program } from "../programs.ts";
import { containerdConfiguration, corefile, dnsService, kubeletConfiguration, network } from "./configuration.ts";
import { openDoor } from "./door.ts";
import { nodeAddress, podRange, serviceRange } from "./place.ts";

const run = promisify(execFile);

export interface Node {
  readonly kubeconfig: string;
  stop(): Promise<void>;
}

/** Starts a cluster of one node in namespaces that are its own (place.ts), with images loaded. */
export async function startNode(folder: string, images: readonly string[]): Promise<Node> {
  prepare(folder);
  const start = (name: string, command: readonly string[]) =>
    background(name, command, join(folder, `${name}.log`), folder);
  const runtime = loadImages(folder, start, images);
  const etcd = start("etcd", etcdCommand());
  let server: Running | undefined;
  const startServer = async () => {
    server = start("kube-apiserver", apiServerCommand(folder));
    await until("the API server is ready", () => isReady(nodeAddress, 6443), [etcd, server]);
  };
  await startServer();
  const kubeconfig = writeKubeconfig(folder, `https://${nodeAddress}:6443`);
  const others = startOthers(folder, kubeconfig, start);
  await runKubectl(kubeconfig, ["apply", "-f", "-"], list(dnsService(nodeAddress)));
  const containerd = await runtime;
  const kubelet = start("kubelet", kubeletCommand(folder, kubeconfig));
  const all = [etcd, ...others, containerd, kubelet];
  // Nobody who watches is waited for: it is gone at once.
  const stopServer = async () => {
    await server?.stop(0);
  };
  const door = openDoor(join(folder, "door"), {
    "kube-apiserver": { stop: stopServer, start: startServer },
    // Held, not ended: one that starts again calls every container unready until its first probe.
    kubelet: { stop: async () => signal(kubelet, "SIGSTOP"), start: async () => signal(kubelet, "SIGCONT") },
  });
  const ready = ["get", "node", "node1", "-o", 'jsonpath={.status.conditions[?(@.type=="Ready")].status}'];
  await until("the node is ready", async () => (await runKubectl(kubeconfig, ready).catch(() => "")) === "True", [
    ...all,
    kubelet,
  ]);
  await until("CoreDNS is ready", () => answers(`http://${nodeAddress}:8054/ready`), all);
  return {
    kubeconfig,
    async stop() {
      door.close();
      await Promise.all([...all.map((one) => one.stop(500)), stopServer()]);
    },
  };
}

function signal({ pid }: Running, name: NodeJS.Signals): void {
  process.kill(pid, name);
}

function apiServerCommand(folder: string): readonly string[] {
  return [
    program("kube-apiserver"),
    `--etcd-servers=unix://${join(folder, "127.0.0.1:1")}`,
    "--secure-port=6443",
    "--bind-address=0.0.0.0",
    `--advertise-address=${nodeAddress}`,
    "--service-account-key-file=accounts.key",
    "--service-account-signing-key-file=accounts.key",
    "--service-account-issuer=https://kubernetes.default.svc",
    "--token-auth-file=tokens.csv",
    "--authorization-mode=RBAC",
    `--service-cluster-ip-range=${serviceRange}`,
    "--kubelet-preferred-address-types=InternalIP",
    "--cert-dir=certificates",
    "--allow-privileged=true",
    "--shutdown-delay-duration=0s",
  ];
}

function startOthers(
  folder: string,
  kubeconfig: string,
  start: (name: string, command: readonly string[]) => Running,
): readonly Running[] {
  const as = [`--kubeconfig=${kubeconfig}`];
  const alone = [...as, "--leader-elect=false"];
  writeFileSync(join(folder, "Corefile"), corefile(kubeconfig, nodeAddress));
  return [
    start("kube-controller-manager", [
      program("kube-controller-manager"),
      ...alone,
      "--service-account-private-key-file=accounts.key",
      "--root-ca-file=certificates/apiserver.crt",
    ]),
    start("kube-scheduler", [
      program("kube-scheduler"),
      ...alone,
      `--authentication-kubeconfig=${kubeconfig}`,
      `--authorization-kubeconfig=${kubeconfig}`,
    ]),
    start("kube-proxy", [
      program("kube-proxy"),
      ...as,
      "--hostname-override=node1",
      "--proxy-mode=iptables",
      `--cluster-cidr=${podRange}`,
      // Limits of the whole machine are not ours to set.
      "--conntrack-max-per-core=0",
      "--conntrack-tcp-timeout-established=0",
      "--conntrack-tcp-timeout-close-wait=0",
    ]),
    start("coredns", [program("coredns"), "-conf", "Corefile"]),
  ];
}

function kubeletCommand(folder: string, kubeconfig: string): readonly string[] {
  const group = basename(folder);
  makeGroup(group);
  writeFileSync(join(folder, "resolv.conf"), `nameserver ${nodeAddress}\n`);
  writeFileSync(join(folder, "kubelet.json"), JSON.stringify(kubeletConfiguration(group, join(folder, "resolv.conf"))));
  return [
    program("kubelet"),
    "--config=kubelet.json",
    `--kubeconfig=${kubeconfig}`,
    "--hostname-override=node1",
    `--node-ip=${nodeAddress}`,
  ];
}

/** The kubelet wants its root group to be there, in each hierarchy. */
function makeGroup(name: string): void {
  const found = spawnSync("sh", ["-c", "ls -d /sys/fs/cgroup/*/"], { encoding: "utf8" }).stdout.split("\n");
  const version1 = found.some((path) => path.includes("/cpu/"));
  for (const path of version1 ? found.filter((one) => one !== "") : ["/sys/fs/cgroup/"])
    mkdirSync(join(path, name), { recursive: true });
  // Of version 1 alone: a group without CPUs and memory nodes takes no process.
  const cpuset = `/sys/fs/cgroup/cpuset/`;
  if (!version1) return;
  for (const file of ["cpuset.cpus", "cpuset.mems"]) copyInto(join(cpuset, file), join(cpuset, name, file));
}

function copyInto(from: string, to: string): void {
  try {
    writeFileSync(to, execFileSync("cat", [from]));
  } catch {
    // No such controller here.
  }
}

/** Starts containerd and gives it the images, with one that holds a Pod's namespaces. */
async function loadImages(
  folder: string,
  start: (name: string, command: readonly string[]) => Running,
  images: readonly string[],
): Promise<Running> {
  writeFileSync(join(folder, "containerd.toml"), containerdConfiguration(snapshotter(folder)));
  writeFileSync("/etc/cni/net.d/10-pods.conflist", JSON.stringify(network));
  const containerd = start("containerd", [program("containerd"), "-c", "containerd.toml"]);
  const ctr = (...args: readonly string[]) => run(program("ctr"), ["-n", "k8s.io", ...args]);
  await until(
    "containerd answers",
    () =>
      ctr("version").then(
        () => true,
        () => false,
      ),
    [containerd],
  );
  const flags = ["image", "import", "--snapshotter", snapshotter(folder)];
  await Promise.all([...images, await pauseImage(folder)].map((image) => ctr(...flags, image)));
  return containerd;
}

async function pauseImage(folder: string): Promise<string> {
  const root = join(folder, "pause", "root");
  mkdirSync(root, { recursive: true });
  copyFileSync(program("pause"), join(root, "pause"));
  chmodSync(join(root, "pause"), 0o755);
  const builder = buildah(join(folder, "pause", "buildah"), "0");
  await builder.image({ name: "pause", root, user: "65535:65535", entrypoint: ["/pause"], labels: {} });
  await builder.archive("pause", join(folder, "pause.oci.tar"), "localhost/pause:1");
  return join(folder, "pause.oci.tar");
}

/** overlayfs where the file system below bears it; else copies, which always work. */
function snapshotter(folder: string): string {
  const [lower, upper, work, merged] = ["lower", "upper", "work", "merged"].map((name) =>
    join(folder, "overlay", name),
  ) as [string, string, string, string];
  for (const path of [lower, upper, work, merged]) mkdirSync(path, { recursive: true });
  const tried = spawnSync("mount", [
    "-t",
    "overlay",
    "overlay",
    "-o",
    `lowerdir=${lower},upperdir=${upper},workdir=${work}`,
    merged,
  ]);
  if (tried.status !== 0) return "native";
  spawnSync("umount", [merged]);
  return "overlayfs";
}

function answers(url: string): Promise<boolean> {
  return new Promise((resolve) => {
    get(url, { timeout: 2_000 }, (answer) => {
      answer.resume();
      resolve(answer.statusCode === 200);
    }).on("error", () => resolve(false));
  });
}

const list = (items: readonly object[]) => JSON.stringify({ apiVersion: "v1", kind: "List", items });
