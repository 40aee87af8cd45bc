import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { findFile } from "./programs.ts";

/** A Pod's sandbox, as a container runtime knows it. */
export interface Sandbox {
  readonly id: string;
  readonly netns: string;
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
  /** Absent: the runtime is too old to hand them on. */
  readonly annotations?: Readonly<Record<string, string>>;
}

export interface Chain {
  /** A file like `/etc/cni/net.d/10-pods.conflist`. */
  readonly conflist: string;
  /** Folders of plugins. */
  readonly path: readonly string[];
}

interface ConfList {
  readonly name: string;
  readonly cniVersion: string;
  readonly plugins: readonly (Readonly<Record<string, unknown>> & {
    readonly type: string;
    readonly capabilities?: Readonly<Record<string, boolean>>;
  })[];
}

/** What plugins answer. https://www.cni.dev/docs/spec/#add-success */
export interface Result {
  readonly ips: readonly { readonly address: string }[];
}

/**
 * Runs a chain of plugins as container runtimes do (https://www.cni.dev/docs/spec/#section-3-execution-of-network-configurations): each with its part
 * of the list, the result of the one before it, and what it has capabilities for. Answers the results of all; tells when each has answered. Rejects with a plugin's words, after
 * which runtimes call DEL.
 */
export async function add(
  chain: Chain,
  sandbox: Sandbox,
  answered: (plugin: number) => void = () => {},
): Promise<readonly Result[]> {
  const list = JSON.parse(readFileSync(chain.conflist, "utf8")) as ConfList;
  const results: Result[] = [];
  for (const plugin of list.plugins) {
    const previous = results.at(-1);
    results.push(JSON.parse(await invoke("ADD", chain, list, plugin, sandbox, previous)) as Result);
    answered(results.length - 1);
  }
  return results;
}

/** Asks the chain whether all is as it left it. */
export async function check(chain: Chain, sandbox: Sandbox, previous: Result): Promise<void> {
  const list = JSON.parse(readFileSync(chain.conflist, "utf8")) as ConfList;
  for (const plugin of list.plugins) await invoke("CHECK", chain, list, plugin, sandbox, previous);
}

/** Takes a sandbox away, from the last plugin to the first. */
export async function del(chain: Chain, sandbox: Sandbox): Promise<void> {
  const list = JSON.parse(readFileSync(chain.conflist, "utf8")) as ConfList;
  for (const plugin of list.plugins.toReversed()) await invoke("DEL", chain, list, plugin, sandbox);
}

function invoke(
  command: string,
  { path }: Chain,
  { name, cniVersion }: ConfList,
  { capabilities, ...plugin }: ConfList["plugins"][number],
  sandbox: Sandbox,
  prevResult?: Result,
): Promise<string> {
  const wanted = capabilities?.["io.kubernetes.cri.pod-annotations"] && sandbox.annotations !== undefined;
  const config = {
    ...plugin,
    name,
    cniVersion,
    ...(wanted ? { runtimeConfig: { "io.kubernetes.cri.pod-annotations": sandbox.annotations } } : {}),
    ...(prevResult === undefined ? {} : { prevResult }),
  };
  const pod = `K8S_POD_NAMESPACE=${sandbox.namespace};K8S_POD_NAME=${sandbox.name};K8S_POD_UID=${sandbox.uid}`;
  const env = {
    PATH: process.env["PATH"] ?? "",
    CNI_COMMAND: command,
    CNI_CONTAINERID: sandbox.id,
    CNI_NETNS: sandbox.netns,
    CNI_IFNAME: "eth0",
    CNI_ARGS: `IgnoreUnknown=1;K8S_POD_INFRA_CONTAINER_ID=${sandbox.id};${pod}`,
    CNI_PATH: path.join(":"),
  };
  return runPlugin(findFile(path.map((folder) => join(folder, plugin.type))), env, JSON.stringify(config));
}

function runPlugin(file: string, env: Record<string, string>, input: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(file, [], { env, stdio: ["pipe", "pipe", "pipe"] });
    let out = "";
    let complaint = "";
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      out += text;
    });
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      complaint += text;
    });
    child.stdin.on("error", () => {}); // It ended before it read everything: its exit code says why.
    child.on("error", reject);
    child.on("close", (code) => (code === 0 ? resolve(out) : reject(new Error(messageOf(out) ?? complaint))));
    child.stdin.end(input);
  });
}

function messageOf(out: string): string | undefined {
  try {
    return (JSON.parse(out) as { readonly msg?: string }).msg;
  } catch {
    return undefined;
  }
}
