import { captureRules, captureTable, proxyUser } from "../agent/capture.ts";
import type { CniOptions, RunningCni } from "../cli/deps.ts";
import { startAgent } from "../cni/agent.ts";
import { isUninstalled } from "../cni/farewell.ts";
import { watchNodePods } from "../cni/node-pods.ts";
import { runProgram } from "../cni/program.ts";
import { kubernetesClient } from "../kubernetes/client.ts";
import { serverCredentials } from "../kubernetes/config.ts";
import { systemClock as clock } from "./clock.ts";
import { jsonLog } from "./log.ts";
import { systemRandom as random } from "./random.ts";

/** The agent of a node: redirects Pods' traffic for the plugin, and looks after those that got in before it. */
export async function cni(options: CniOptions): Promise<RunningCni> {
  const { node, namespace } = options;
  const log = jsonLog("info");
  const client = kubernetesClient(serverCredentials(options.kubeconfig));
  const agent = await startAgent({
    ...options,
    excludeNamespaces: [...new Set([namespace, "kube-system", ...options.excludeNamespaces])],
    rules: (annotations) => captureRules({ proxy: "sidecar", own: { uid: proxyUser }, annotations }),
    table: captureTable,
    ...{ client, clock, log, run: runProgram },
  });
  const pods = options.repair === "none" ? undefined : watchNodePods({ node, client, clock, random, log }, agent.see);
  log.info("waits for Pods of this node", { node, socket: options.socket });
  return {
    async stop() {
      await pods?.stop();
      await agent.stop();
      if (await isUninstalled(client, namespace, options.daemonSet)) await agent.uninstall();
      client.close();
    },
  };
}
