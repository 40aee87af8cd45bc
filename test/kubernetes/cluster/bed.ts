import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { get as httpGet } from "node:http";
import { connect } from "node:net";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { runKubectl } from "../api-server.ts";
import { until } from "../processes.ts";
import type { LoadReport } from "./load.ts";

export const root = fileURLToPath(new URL("../../../", import.meta.url)).replace(/\/$/, "");
const folder = process.env["WEFT_TEST_CLUSTER"] ?? "";
const kubeconfig = join(folder, "kubeconfig");

export const kubectl = (args: readonly string[], input?: string) => runKubectl(kubeconfig, args, input);
export const apply = (objects: string | readonly object[], namespace = "default") =>
  kubectl(["apply", "-n", namespace, "-f", "-"], typeof objects === "string" ? objects : list(objects));
export const list = (items: readonly object[]) => JSON.stringify({ apiVersion: "v1", kind: "List", items });

/** What `kubectl get -o json` says. */
export async function get<T>(...args: readonly string[]): Promise<T> {
  return JSON.parse(await kubectl(["get", ...args, "-o", "json"])) as T;
}

/** Runs a program of ours or Helm to its end; rejects with all that it said. */
export function run(command: string, args: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    execFile(
      command,
      args,
      { cwd: root, maxBuffer: 1 << 28, env: { ...process.env, NO_COLOR: "1" } },
      (error, stdout, stderr) =>
        error === null
          ? resolve(stdout)
          : reject(new Error(`${command} ${args.join(" ")}: ${error.message}\n${stdout}\n${stderr}`)),
    );
  });
}
export const helm = (...args: readonly string[]) => run("helm", args);
export const weft = (...args: readonly string[]) => run(process.execPath, ["bin/weft.mjs", ...args]);

/** The sample's files, as they are. */
export const sampleFile = (name: string) => join(root, "samples/bookinfo", name);

/** Applies files of the sample, as a user does. */
export const applySample = (...names: readonly string[]) =>
  kubectl(["apply", ...names.flatMap((name) => ["-f", sampleFile(name)])]);

/** Waits until all replicas of a Deployment run what it says and are ready. */
export const rolledOut = (namespace: string, ...deployments: readonly string[]) =>
  Promise.all(
    deployments.map((name) => kubectl(["rollout", "status", "-n", namespace, `deployment/${name}`, "--timeout=180s"])),
  );

/** A Service's own address. */
export const serviceAddress = (namespace: string, name: string) =>
  kubectl(["get", "service", "-n", namespace, name, "-o", "jsonpath={.spec.clusterIP}"]);

export interface Pod {
  readonly metadata: {
    readonly name: string;
    readonly annotations?: Record<string, string>;
    readonly labels: Record<string, string>;
    readonly creationTimestamp: string;
  };
  readonly spec: { readonly containers: readonly Container[]; readonly initContainers?: readonly Container[] };
  readonly status: {
    readonly podIP: string;
    readonly phase: string;
    readonly containerStatuses?: readonly ContainerStatus[];
    readonly initContainerStatuses?: readonly ContainerStatus[];
  };
}
interface Container {
  readonly name: string;
  readonly image: string;
  readonly restartPolicy?: string;
}
interface ContainerStatus {
  readonly name: string;
  readonly restartCount: number;
  readonly ready: boolean;
  readonly state: {
    readonly running?: { readonly startedAt: string };
    readonly terminated?: { readonly exitCode: number };
  };
}

export async function pods(namespace: string, selector: string): Promise<readonly Pod[]> {
  return (await get<{ items: readonly Pod[] }>("pods", "-n", namespace, "-l", selector)).items;
}

/** The first Pod of a selector that runs and is not on its way out. */
export async function podOf(namespace: string, selector: string): Promise<Pod> {
  const found = (await pods(namespace, selector)).find(
    (pod) => pod.status.phase === "Running" && !("deletionTimestamp" in pod.metadata),
  );
  if (found === undefined) throw new Error(`no Pod runs in ${namespace} with ${selector}`);
  return found;
}

/** An answer, or the word for why there is none (`ECONNRESET`). */
export interface Reply {
  readonly status: number | string;
  readonly body: string;
  readonly headers: Readonly<Record<string, string>>;
}

const asks = `
const [url, headers] = process.argv.slice(1);
require("node:http").get(url, { headers: JSON.parse(headers), timeout: 10000, agent: false }, (answer) => {
  let body = "";
  answer.on("data", (data) => { body += data; });
  answer.on("end", () => console.log(JSON.stringify({ status: answer.statusCode, body, headers: answer.headers })));
}).on("timeout", function () { this.destroy(Object.assign(new Error(), { code: "ETIMEDOUT" })); })
  .on("error", (error) => console.log(JSON.stringify({ status: error.code, body: error.message, headers: {} })));`;

/** Asks from where the node is: outside the mesh. Each time on a connection of its own. */
export function askFromNode(url: string, headers: Readonly<Record<string, string>> = {}): Promise<Reply> {
  return new Promise((resolve) => {
    const failed = (error: NodeJS.ErrnoException) =>
      resolve({ status: error.code ?? error.message, body: error.message, headers: {} });
    const asked = httpGet(url, { headers, agent: false, timeout: 20_000 }, (answer) => {
      let body = "";
      answer.setEncoding("utf8");
      answer.on("data", (data: string) => {
        body += data;
      });
      answer.on("error", failed);
      answer.on("end", () =>
        resolve({ status: answer.statusCode ?? 0, body, headers: answer.headers as Record<string, string> }),
      );
    });
    asked.on("timeout", () => asked.destroy(Object.assign(new Error("no answer in 20 s"), { code: "ETIMEDOUT" })));
    asked.on("error", failed);
  });
}

/** Asks from inside a container that has Node. */
export async function askFromPod(
  namespace: string,
  pod: string,
  url: string,
  headers: Readonly<Record<string, string>> = {},
): Promise<Reply> {
  const inside = [
    "exec",
    "-n",
    namespace,
    pod,
    "--",
    "/usr/local/bin/node",
    "-e",
    asks,
    "--",
    url,
    JSON.stringify(headers),
  ];
  return JSON.parse(await kubectl(inside)) as Reply;
}

/** Load at an even rate, until it is stopped. */
export function startLoad(url: string, rate: number): { stop(): Promise<LoadReport> } {
  const child = spawn(process.execPath, [join(import.meta.dirname, "load.ts"), url, String(rate)], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const said = text(child.stdout);
  return {
    async stop() {
      child.kill("SIGTERM");
      await once(child, "exit");
      return JSON.parse(await said) as LoadReport;
    },
  };
}

/** Loses a program of the node, or has it back: `kube-apiserver`. */
export async function nodePart(verb: "stop" | "start", name: string): Promise<void> {
  const socket = connect(join(folder, "door"));
  socket.end(`${verb} ${name}`);
  const answer = await text(socket);
  if (answer !== "done") throw new Error(answer);
}

/** A figure for who reads the log of a run. */
export function figure(name: string, value: number | string, unit = ""): void {
  process.stdout.write(`figure: ${name}: ${value} ${unit}\n`);
}

/** Waits for a condition; `limitMs` is how long it may take on a machine that is slow. */
export const eventually = (what: string, holds: () => Promise<boolean>, limitMs = 90_000) =>
  until(what, holds, [], limitMs);
