import { chmod, copyFile, mkdir, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import type { KubernetesClient } from "../kubernetes/client.ts";
import type { Clock } from "../std/clock.ts";
import type { Log } from "../std/log.ts";
import { type ConfFolder, keepPlugin, removePlugin } from "./conf-folder.ts";
import { pluginType } from "./conflist.ts";
import { type NetworkNamespaces, networkNamespaces } from "./namespace.ts";
import type { PodObject } from "./node-pod.ts";
import { podWords } from "./pod-words.ts";
import type { RunProgram } from "./program.ts";
import { type Answer, isState, type Question, type StateQuestion } from "./protocol.ts";
import { redirector } from "./redirect.ts";
import { redirectedAddresses } from "./redirected.ts";
import { type Repair, repairer } from "./repair.ts";
import { listenForPlugin } from "./socket.ts";

export interface AgentOptions {
  /** This node's name. */
  readonly node: string;
  /** In these no Pod is redirected: they start without the agent. */
  readonly excludeNamespaces: readonly string[];
  readonly repair: Repair;
  /** Where it listens; the same path on the host and in the agent's container. */
  readonly socket: string;
  /** The host's folder of CNI plugins, and of their configuration, as the agent sees them. */
  readonly binDir: string;
  readonly confDir: string;
  /** Where the runtime keeps network namespaces, the same path on the host and in the agent's container. */
  readonly netnsDir: string;
  /** Our plugin, to be copied to the host. */
  readonly plugin: string;
  /** nftables rules of a Pod with these annotations, and the table that they are in. */
  readonly rules: (annotations: Readonly<Record<string, string>>) => string;
  readonly table: string;
  readonly client: KubernetesClient;
  readonly run: RunProgram;
  readonly clock: Clock;
  readonly log: Log;
}

/** Redirects the Pods of a node. */
export interface Agent {
  /** Tells it a Pod of this node, as it is now. */
  readonly see: (pod: PodObject) => Promise<void>;
  /** Answers what is being asked and ends. What is on the host stays, so that Pods wait for the next agent. */
  stop(): Promise<void>;
  /** Takes away what is on the host; Pods that are redirected stay so. */
  uninstall(): Promise<void>;
}

/** Listens, then puts the plugin on the host, then names it in the node's network configuration: in this order no Pod meets half of it. */
export async function startAgent(options: AgentOptions): Promise<Agent> {
  const { client, node, clock, log, run, confDir, netnsDir, socket, plugin, table } = options;
  const namespaces: NetworkNamespaces = networkNamespaces({ folder: netnsDir, table, plugin }, run);
  const words = podWords({ client, node, clock, log });
  const redirected = redirectedAddresses();
  const redirect = redirector({ ...options, namespaces, redirected, annotationsOf: words.annotationsOf });
  let conf: ConfFolder | undefined;
  const answer = async (question: Question | StateQuestion): Promise<Answer> => {
    if (!isState(question)) return redirect(question);
    if (question.command === "alive" || conf?.installed()) return { ok: true };
    return { error: "the plugin is not in the node's network configuration yet" };
  };
  const listener = await listenForPlugin(socket, answer, log);
  await copyPlugin(plugin, options.binDir);
  const { excludeNamespaces, repair } = options;
  conf = await keepPlugin({ folder: confDir, entry: { socket, excludeNamespaces }, clock, log });
  return {
    see: repair === "none" ? async () => {} : repairer({ ...options, repair, namespaces, redirected, words }),
    async stop() {
      conf.stop();
      await listener.close();
    },
    async uninstall() {
      for (const file of await removePlugin(confDir)) log.info("taken out of a network configuration", { file });
      await rm(join(options.binDir, pluginType), { force: true });
      await rm(socket, { force: true });
    },
  };
}

/** In one step, also while the one before it runs. */
async function copyPlugin(from: string, folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  const next = join(folder, `.${pluginType}.tmp`);
  await copyFile(from, next);
  await chmod(next, 0o755);
  await rename(next, join(folder, pluginType));
}
