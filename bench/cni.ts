// How long the CNI plugin holds a Pod's start up, beside the plugin that makes its network: as root, `node bench/cni.ts [PODS]`.
import { KubeConfig } from "@kubernetes/client-node";
import { kubernetesClient } from "../src/kubernetes/client.ts";
import { injected, Node } from "../test/cni/bed.ts";
import { add } from "../test/cni/chain.ts";

const count = Number(process.argv[2] ?? 100);
const nowhere = new KubeConfig();
nowhere.loadFromClusterAndUser({ name: "none", server: "https://127.0.0.1:9", skipTLSVerify: true }, { name: "none" });

const node = new Node();
await node.prepare();
await node.startAgent(kubernetesClient(nowhere));
try {
  await measure("redirected", injected);
  await measure("without a sidecar", {});
} finally {
  await node.dispose();
}
process.exit();

/** The chain is the bridge and ours: `add` tells when each has answered. */
async function measure(what: string, annotations: Record<string, string>): Promise<void> {
  const times: number[][] = [[], []];
  for (let n = 0; n < count; n++) {
    const pod = await node.sandbox({ annotations });
    let before = performance.now();
    await add(node.chain, pod, (index) => {
      times[index]?.push(performance.now() - before);
      before = performance.now();
    });
  }
  for (const [index, plugin] of ["bridge", "weft-cni"].entries()) {
    const sorted = (times[index] ?? []).toSorted((a, b) => a - b);
    const at = (share: number) => (sorted[Math.floor((sorted.length - 1) * share)] ?? 0).toFixed(1);
    console.log(`${what}: ${plugin} p50 ${at(0.5)} ms, p99 ${at(0.99)} ms`);
  }
}
