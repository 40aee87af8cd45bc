import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { KubeConfig } from "@kubernetes/client-node";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { kubernetesClient } from "../../src/kubernetes/client.ts";
import { ask, injected, Node } from "./bed.ts";
import { add, check, del, type Result } from "./chain.ts";
import { noNode, within } from "./programs.ts";

/** Pods with annotations need no API server. */
const nowhere = new KubeConfig();
nowhere.loadFromClusterAndUser({ name: "none", server: "https://127.0.0.1:9", skipTLSVerify: true }, { name: "none" });
const client = kubernetesClient(nowhere);

const ports = { outbound: 15001, inbound: 15006, application: 8080, direct: 9090 };
const addressesOf = (result: Result | undefined) =>
  (result?.ips ?? []).map(({ address }) => address.split("/")[0] ?? "");
const rulesOf = (netns: string) => within(netns, "nft", "list", "ruleset");

describe.skipIf(noNode())("a node with the plugin in its chain", () => {
  const node = new Node();
  beforeAll(async () => {
    await node.prepare();
    await node.startAgent(client);
  });
  afterAll(() => node.dispose());

  test("is ready once the plugin stands in its network configuration", async () => {
    await node.ready();
    expect(JSON.parse(readFileSync(node.chain.conflist, "utf8")).plugins.at(-1).type).toBe("weft-cni");
  });

  test("redirects a Pod with a sidecar, in both directions and families, but not its proxy", async () => {
    const annotations = { ...injected, "traffic.sidecar.istio.io/excludeInboundPorts": "9090" };
    const pod = await node.sandbox({ annotations });
    const results = await add(node.chain, pod);
    expect(results[1]).toEqual(results[0]);
    await check(node.chain, pod, results[1] as Result);
    await node.listen(pod.netns, ports);
    const outside = await node.outside();
    const [v4 = "", v6 = ""] = addressesOf(results[1]);
    // The bridge's new IPv6 address is not used before it is known that nobody else has it.
    await vi.waitFor(() => ask(undefined, 0, v6, 9090), 20_000);
    for (const address of [v4, v6]) {
      expect(await ask(undefined, 0, address, 8080)).toBe("inbound");
      expect(await ask(undefined, 0, address, 9090)).toBe("direct");
    }
    expect(await ask(pod.netns, 1000, node.address, outside)).toBe("outbound");
    expect(await ask(pod.netns, 0, node.address, outside)).toBe("outbound");
    expect(await ask(pod.netns, 1337, node.address, outside)).toBe("outside");
    expect(await ask(pod.netns, 1000, "127.0.0.1", 8080)).toBe("application");
  });

  test.each([
    ["has no sidecar", {}],
    [
      "is redirected by its own init container",
      { "sidecar.istio.io/status": '{"initContainers":["istio-init","istio-proxy"]}' },
    ],
  ])("leaves a Pod alone that %s", async (_, annotations) => {
    const pod = await node.sandbox({ annotations });
    const results = await add(node.chain, pod);
    expect(results[1]).toEqual(results[0]);
    await node.listen(pod.netns, ports);
    expect(await ask(undefined, 0, addressesOf(results[1])[0] ?? "", 8080)).toBe("application");
    expect(await rulesOf(pod.netns)).toBe("");
  });

  test("notices that a Pod has lost its rules", async () => {
    const pod = await node.sandbox({ annotations: injected });
    const results = await add(node.chain, pod);
    await within(pod.netns, "nft", "flush", "ruleset");
    await expect(check(node.chain, pod, results[1] as Result)).rejects.toThrow(
      `the traffic of Pod shop/${pod.name} could not be redirected: the rules that redirect it are no longer`,
    );
  });

  test("never touches a namespace that is no Pod's", async () => {
    const pod = await node.sandbox({ annotations: injected });
    const previous = (await add(node.chain, pod))[0] as Result;
    const before = await within("/proc/self/ns/net", "nft", "list", "ruleset");
    for (const netns of ["/proc/self/ns/net", "/var/run/netns/../../../proc/1/ns/net"])
      await expect(check(node.chain, { ...pod, netns }, previous)).rejects.toThrow();
    expect(await within("/proc/self/ns/net", "nft", "list", "ruleset")).toBe(before);
  });

  test("redirects twenty Pods that start at once", async () => {
    const pods = await Promise.all(Array.from({ length: 20 }, () => node.sandbox({ annotations: injected })));
    await Promise.all(pods.map((pod) => add(node.chain, pod)));
    for (const pod of pods) expect(await rulesOf(pod.netns)).toContain("redirect to :15006");
  });
});

describe.skipIf(noNode())("a node whose agent is away", () => {
  const node = new Node();
  beforeAll(async () => {
    await node.prepare();
    await (await node.startAgent(client)).stop();
  });
  afterAll(() => node.dispose());

  test("starts no Pod that must be redirected, and says why", async () => {
    const pod = await node.sandbox({ annotations: injected });
    const words = `Pod shop/${pod.name} waits for Weft's agent on this node`;
    await expect(add(node.chain, pod)).rejects.toThrow(words);
    await del(node.chain, pod);
  });

  test("starts no Pod of which it cannot know, where the runtime hands on no annotations", async () => {
    await expect(add(node.chain, await node.sandbox())).rejects.toThrow("waits for Weft's agent");
  });

  test("starts Pods without a sidecar, and those of excluded namespaces", async () => {
    for (const more of [{ annotations: {} }, { namespace: "kube-system" }]) {
      const pod = await node.sandbox(more);
      const results = await add(node.chain, pod);
      expect(results[1]).toEqual(results[0]);
    }
  });

  test("redirects those that wait while one agent follows another", async () => {
    const pods = await Promise.all([1, 2, 3].map(() => node.sandbox({ annotations: injected })));
    const starting = Promise.all(pods.map((pod) => add(node.chain, pod)));
    await node.startAgent(client);
    await starting;
    for (const pod of pods) expect(await rulesOf(pod.netns)).toContain("redirect to :15001");
  });
});

describe.skipIf(noNode())("uninstalling", () => {
  const node = new Node();
  beforeAll(() => node.prepare());
  afterAll(() => node.dispose());

  test("leaves nothing of ours on the node, and Pods as they are", async () => {
    const before = JSON.parse(readFileSync(node.chain.conflist, "utf8"));
    const agent = await node.startAgent(client);
    const pod = await node.sandbox({ annotations: injected });
    await add(node.chain, pod);
    await agent.stop();
    await agent.uninstall();
    expect(JSON.parse(readFileSync(node.chain.conflist, "utf8"))).toEqual(before);
    expect(existsSync(join(node.folder, "bin", "weft-cni"))).toBe(false);
    expect(existsSync(node.socket)).toBe(false);
    expect(await rulesOf(pod.netns)).toContain("redirect to :15006");
  });
});
