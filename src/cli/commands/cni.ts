import { Option } from "commander";
import type { CommandModule } from "../command-module.ts";
import type { CniOptions } from "../deps.ts";
import type { Session } from "../session.ts";
import { untilAsked } from "./up.ts";

export const define: CommandModule["define"] = (command, session) => {
  command
    .usage("--node NAME [options]")
    .description(
      `The DaemonSet weft-cni runs this on each node (Helm: cni.enabled=true). It puts a CNI
plugin last into the node's chain, which asks it to redirect each new Pod's traffic into
its sidecar; so Pods need no privilege. It needs CAP_SYS_ADMIN and CAP_NET_ADMIN.

Examples:
  weft cni --node node1
  weft cni --node node1 --repair delete --exclude-namespaces monitoring`,
    )
    .requiredOption("--node <name>", "this node's name")
    .option("-n, --namespace <namespace>", "where Weft is installed", "istio-system")
    .option("--kubeconfig <file>", "credentials (default: those of the Pod)")
    .option("--exclude-namespaces <names...>", "in these no Pod is redirected, beside Weft's own and kube-system", [])
    .addOption(
      new Option("--repair <how>", "what is done about Pods that started before the plugin was there")
        .choices(["redirect", "delete", "none"])
        .default("redirect"),
    )
    .option("--bin-dir <dir>", "the host's CNI programs", "/opt/cni/bin")
    .option("--conf-dir <dir>", "the host's CNI configuration", "/etc/cni/net.d")
    .option("--netns-dir <dir>", "where the container runtime keeps network namespaces", "/var/run/netns")
    .option("--socket <path>", "where it listens, the same path on the host", "/run/weft-cni/agent.sock")
    .option("--plugin <file>", "the plugin to put on the host", "/usr/local/bin/weft-cni")
    .option("--daemon-set <name>", "its own DaemonSet; once that is gone it leaves nothing on the host", "weft-cni")
    .action((flags: CniOptions) => run(flags, session));
};

export const values: CommandModule["values"] = {
  "bin-dir": "folder",
  "conf-dir": "folder",
  "netns-dir": "folder",
  plugin: "file",
  kubeconfig: "file",
  namespace: "namespace",
};

async function run(options: CniOptions, session: Session): Promise<void> {
  const agent = await session.deps.cni(options);
  await untilAsked(session, new Promise(() => {}));
  await agent.stop();
}
