import { join } from "node:path";
import { KubeConfig } from "@kubernetes/client-node";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import type { Agent } from "../../../src/cni/agent.ts";
import { isUninstalled } from "../../../src/cni/farewell.ts";
import { watchNodePods } from "../../../src/cni/node-pods.ts";
import type { Repair } from "../../../src/cni/repair.ts";
import { readCharts } from "../../../src/install/installation.ts";
import { render } from "../../../src/install/render.ts";
import { overlay } from "../../../src/install/values.ts";
import { type KubernetesClient, kubernetesClient } from "../../../src/kubernetes/client.ts";
import { systemClock as clock } from "../../../src/main/clock.ts";
import { systemRandom as random } from "../../../src/main/random.ts";
import type { Log } from "../../../src/std/log.ts";
import { injected, Node } from "../../cni/bed.ts";
import { add, type Result, type Sandbox } from "../../cni/chain.ts";
import { noNode, within } from "../../cni/programs.ts";
import type { ApiServer } from "../api-server.ts";
import { noApiServer, sharedApiServer } from "../shared.ts";

const log: Log = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {}, with: () => log };
const limit = { timeout: 20_000 };
const rulesOf = (netns: string) => within(netns, "nft", "list", "ruleset");

/** What the chart lets the agent do. */
function rightsOf(repair: Repair): { cluster: object[]; own: object[] } {
  const { weft } = readCharts(join(import.meta.dirname, "../../../charts"));
  const release = { name: "weft", namespace: "istio-system", service: "Helm" };
  const objects = render(weft, overlay(weft.values, { cni: { enabled: true, repair } }), release);
  const rules = (kind: string) =>
    (objects.find((object) => object.kind === kind && object.metadata.name === "weft-cni") as { rules?: object[] })
      .rules;
  return { cluster: rules("ClusterRole") ?? [], own: rules("Role") ?? [] };
}

test("the agent may read Pods and tell about them, and nothing else unless it shall delete", () => {
  const read = { apiGroups: [""], resources: ["pods"], verbs: ["get", "list", "watch"] };
  const tell = { apiGroups: [""], resources: ["events"], verbs: ["create"] };
  const own = { apiGroups: ["apps"], resources: ["daemonsets"], resourceNames: ["weft-cni"], verbs: ["get"] };
  expect(rightsOf("redirect")).toEqual({ cluster: [read, tell], own: [own] });
  const remove = { apiGroups: [""], resources: ["pods"], verbs: ["delete"] };
  expect(rightsOf("delete")).toEqual({ cluster: [read, tell, remove], own: [own] });
});

describe.skipIf(noApiServer() || noNode())("a node's agent at an API server", () => {
  const node = new Node();
  let api: ApiServer;
  const clients: KubernetesClient[] = [];

  /** As the agent's own account, in the namespace of its test. */
  async function account(namespace: string, repair: Repair): Promise<KubernetesClient> {
    const { cluster, own } = rightsOf(repair);
    const config = new KubeConfig();
    config.loadFromFile(await api.account({ namespace, name: "weft-cni", rules: cluster, in: { [namespace]: own } }));
    const client = kubernetesClient(config);
    clients.push(client);
    return client;
  }

  async function create(sandbox: Sandbox, annotations: Record<string, string>): Promise<string> {
    const { namespace, name } = sandbox;
    const account = { apiVersion: "v1", kind: "ServiceAccount", metadata: { namespace, name: "default" } };
    const pod = {
      ...{ apiVersion: "v1", kind: "Pod", metadata: { namespace, name, annotations } },
      spec: { nodeName: `node-of-${namespace}`, containers: [{ name: "web", image: "web:1" }] },
    };
    const list = { apiVersion: "v1", kind: "List", items: [account, pod] };
    await api.kubectl(["apply", "-f", "-"], JSON.stringify(list));
    return (await api.kubectl(["get", "pod", "-n", namespace, name, "-o", "jsonpath={.metadata.uid}"])).trim();
  }

  const setAddresses = ({ namespace, name }: Sandbox, ips: readonly string[]) => {
    const status = { phase: "Pending", podIP: ips[0], podIPs: ips.map((ip) => ({ ip })) };
    const patch = ["patch", "pod", "-n", namespace, name, "--subresource=status", "--type=merge"];
    return api.kubectl([...patch, "-p", JSON.stringify({ status })]);
  };

  beforeAll(async () => {
    api = await sharedApiServer();
    await node.prepare();
  });
  afterAll(async () => {
    await node.dispose();
    for (const client of clients) client.close();
  });

  test("asks it about a Pod whose annotations the runtime does not hand on", async () => {
    const namespace = "cni-asks";
    const agent = await node.startAgent(await account(namespace, "redirect"));
    const [mesh, plain, gone] = [
      await node.sandbox({ namespace }),
      await node.sandbox({ namespace }),
      await node.sandbox({ namespace }),
    ];
    const uid = await create(mesh, injected);
    await add(node.chain, { ...mesh, uid });
    expect(await rulesOf(mesh.netns)).toContain("redirect to :15006");
    await add(node.chain, { ...plain, uid: await create(plain, {}) });
    expect(await rulesOf(plain.netns)).toBe("");
    await expect(add(node.chain, gone)).rejects.toThrow(`pods "${gone.name}" not found`);
    const another = await node.sandbox({ namespace, name: mesh.name, uid: "of-the-pod-before" });
    await expect(add(node.chain, another)).rejects.toThrow("another Pod of this name");
    await agent.stop();
  });

  test.each<["redirect" | "delete", string]>([
    ["redirect", "RedirectedLate"],
    ["delete", "NotRedirected"],
  ])("finds a Pod that got in without redirection: %s", async (repair, reason) => {
    const namespace = `cni-${repair}`;
    const client = await account(namespace, repair);
    node.writeConfiguration();
    const early = await node.sandbox({ namespace });
    const [result] = (await add(node.chain, early)) as [Result];
    const uid = await create(early, injected);
    const agent: Agent = await node.startAgent(client, { repair });
    const seen = vi.fn(agent.see);
    const pods = watchNodePods({ node: `node-of-${namespace}`, client, clock, random, log }, seen);
    await setAddresses(
      early,
      result.ips.map(({ address }) => address.split("/")[0] ?? ""),
    );
    const events = [
      "get",
      "events",
      "-n",
      namespace,
      "-o",
      "jsonpath={.items[*].reason} {.items[*].involvedObject.uid}",
    ];
    await vi.waitFor(async () => expect(await api.kubectl(events)).toBe(`${reason} ${uid}`), limit);
    if (repair === "redirect") expect(await rulesOf(early.netns)).toContain("redirect to :15006");
    else {
      const left = ["get", "pods", "-n", namespace, "-o", "jsonpath={.items[*].metadata.deletionTimestamp}"];
      await vi.waitFor(async () => expect(await api.kubectl(left)).not.toBe(""), limit);
    }
    // One that was redirected when it started is not spoken of.
    const usual = await node.sandbox({ namespace, annotations: injected });
    const [, { ips }] = (await add(node.chain, usual)) as [Result, Result];
    await create(usual, injected);
    await setAddresses(
      usual,
      ips.map(({ address }) => address.split("/")[0] ?? ""),
    );
    await vi.waitFor(
      () =>
        expect(seen.mock.calls.some(([pod]) => pod.metadata.name === usual.name && pod.status?.podIPs)).toBeTruthy(),
      limit,
    );
    await Promise.all(seen.mock.results.map(({ value }) => value));
    expect(await api.kubectl(events)).toBe(`${reason} ${uid}`);
    await pods.stop();
    await agent.stop();
  });

  test("knows by its DaemonSet whether it was uninstalled", async () => {
    const namespace = "cni-farewell";
    const client = await account(namespace, "redirect");
    const labels = { app: "weft-cni" };
    const template = { metadata: { labels }, spec: { containers: [{ name: "agent", image: "weft:1" }] } };
    const set = {
      ...{ apiVersion: "apps/v1", kind: "DaemonSet", metadata: { namespace, name: "weft-cni" } },
      spec: { selector: { matchLabels: labels }, template },
    };
    await api.kubectl(["apply", "-f", "-"], JSON.stringify(set));
    expect(await isUninstalled(client, namespace, "weft-cni")).toBe(false);
    await api.kubectl(["delete", "daemonset", "-n", namespace, "weft-cni", "--cascade=orphan", "--wait=false"]);
    expect(await isUninstalled(client, namespace, "weft-cni")).toBe(true);
    expect(await isUninstalled(client, "default", "weft-cni")).toBe(true);
    const away = new KubeConfig();
    away.loadFromClusterAndUser({ name: "none", server: "https://127.0.0.1:9", skipTLSVerify: true }, { name: "none" });
    expect(await isUninstalled(kubernetesClient(away), namespace, "weft-cni")).toBe(false);
  });
});
