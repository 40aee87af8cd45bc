import { readdirSync, readlinkSync } from "node:fs";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import type { Authority } from "../../src/ca/authority.ts";
import { injectPod } from "../../src/inject/inject-pod.ts";
import { defaultSettings } from "../../src/inject/settings.ts";
import { empty } from "../../src/model/snapshot.ts";
import { ownAddress } from "../proxy/own-address.ts";
import { newAuthority, Plane, Sidecar } from "./sidecar-bed.ts";

// A real Envoy with an injected Pod's bootstrap and volume, which is swapped as a kubelet does it.

const ip = ownAddress();
const soon = { timeout: 20_000, interval: 50 };
let first: Authority;
let plane: Plane;
let sidecar: Sidecar;

beforeAll(async () => {
  first = await newAuthority();
  plane = new Plane(ip);
  await plane.listen(first);
  const pod = {
    metadata: {
      name: "web-1",
      namespace: "shop",
      labels: { app: "web" },
      annotations: { "proxy.istio.io/config": "tracingServiceName: $(HOST_IP) $$(POD_NAME) $(NOBODY)" },
    },
    spec: { containers: [{ name: "web", image: "web:1" }] },
  };
  const context = { settings: defaultSettings, snapshot: empty, revision: "default", installNamespace: "istio-system" };
  const injected = injectPod(pod, { namespace: "shop", drainKey: "test" }, context);
  if (!("pod" in injected)) throw new Error(JSON.stringify(injected));
  sidecar = new Sidecar(injected.pod, ip);
  sidecar.give("one", first.roots.join(""));
  sidecar.start(plane);
});

afterAll(async () => {
  await sidecar?.stop();
  await plane?.close();
});

/** Its streams end; what it sends next is what it has now. */
async function restart(authority: Authority): Promise<void> {
  await plane.close();
  plane.tokens.length = 0;
  await plane.listen(authority);
}

test("the token comes as a bearer's, and the node is the Pod's, with what its user wrote left as it is", async () => {
  await vi.waitFor(() => expect([plane.tokens[0], sidecar.said]).toEqual(["Bearer one", ""]), soon);
  await vi.waitFor(() => expect(plane.nodes.length).toBeGreaterThan(0), soon);
  expect(plane.nodes[0]).toContain(`sidecar~${ip}~web-1.shop~shop.svc.cluster.local`);
  expect(plane.nodes[0]).toContain("tracingServiceName: $(HOST_IP) $$(POD_NAME) $(NOBODY)");
  expect(plane.nodes[0]).toContain('"NODE_NAME":"node1"');
});

test("a token that the kubelet renewed is sent from the next stream on", async () => {
  sidecar.give("two", first.roots.join(""));
  await vi.waitFor(async () => {
    await restart(first);
    await vi.waitFor(() => expect(plane.tokens.at(-1)).toBe("Bearer two"), { timeout: 3000 });
  }, soon);
});

test("a control plane that another root signed is trusted once the bundle holds it, and not before", async () => {
  const second = await newAuthority();
  await restart(second);
  await vi.waitFor(() => expect(sidecar.said).toContain("CERTIFICATE_VERIFY_FAILED"), soon);
  expect(plane.tokens).toEqual([]);
  sidecar.give("three", [...first.roots, ...second.roots].join(""));
  await vi.waitFor(() => expect(plane.tokens[0]).toBe("Bearer three"), soon);
});

test("few instances of inotify: a user has 128, and the proxies of a node are one user", () => {
  const folder = `/proc/${sidecar.pid}/fd`;
  const links = readdirSync(folder).map((fd) => {
    try {
      return readlinkSync(`${folder}/${fd}`);
    } catch {
      return "";
    }
  });
  expect(links.filter((link) => link.includes("inotify")).length).toBeLessThanOrEqual(4);
});
