import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { injectPod } from "../../src/inject/inject-pod.ts";
import { containerNamed } from "../../src/inject/pod.ts";
import { defaultSettings } from "../../src/inject/settings.ts";
import { empty } from "../../src/model/snapshot.ts";
import { ownAddress } from "../proxy/own-address.ts";
import { ask, newAuthority, Plane, Sidecar } from "./sidecar-bed.ts";

// An injected gateway's bootstrap in a real Envoy, and the kubelet's hook before it ends.

const ip = ownAddress();
let plane: Plane;
let gateway: Sidecar;

beforeAll(async () => {
  const authority = await newAuthority();
  plane = new Plane(ip);
  await plane.listen(authority);
  const annotations = {
    "inject.istio.io/templates": "gateway",
    "proxy.istio.io/config": "terminationDrainDuration: 25s",
  };
  const pod = {
    metadata: { name: "gateway-1", labels: { istio: "ingressgateway" }, annotations },
    spec: { containers: [{ name: "istio-proxy", image: "auto" }] },
  };
  const context = { settings: defaultSettings, snapshot: empty, revision: "default", installNamespace: "istio-system" };
  const injected = injectPod(pod, { namespace: "istio-system", drainKey: "test" }, context);
  if (!("pod" in injected)) throw new Error(JSON.stringify(injected));
  gateway = new Sidecar(injected.pod, ip);
  gateway.give("token", authority.roots.join(""));
  gateway.start(plane);
  const ready = async () => [(await ask(ip, 15021, "/healthz/ready")).status, gateway.said];
  await vi.waitFor(async () => expect(await ready()).toEqual([200, ""]), { timeout: 20_000, interval: 50 });
}, 30_000);

afterAll(async () => {
  await gateway?.stop();
  await plane?.close();
});

/** Requests that Envoy made to its own admin interface. */
async function commands(): Promise<number> {
  const { body } = await ask(ip, 15000, "/stats?filter=^cluster.weft-admin.upstream_rq_total");
  return Number(/: (\d+)/.exec(body)?.[1]);
}

test("it says that it is a router", () => {
  expect(plane.nodes[0]).toContain(`router~${ip}~gateway-1`);
});

test("the hook drains it at once, and is not answered before clients had their time; it serves meanwhile", async () => {
  const { httpGet } = containerNamed(gateway.pod.spec?.containers, "istio-proxy")?.lifecycle?.preStop ?? {};
  const before = await commands();
  let answered = false;
  void ask(ip, Number(httpGet?.port), httpGet?.path ?? "").finally(() => {
    answered = true;
  });
  await vi.waitFor(async () => expect(await commands()).toBe(before + 1), { timeout: 10_000, interval: 5 });
  expect(answered).toBe(false);
  expect((await ask(ip, 15021, "/healthz/ready")).status).toBe(200);
});
