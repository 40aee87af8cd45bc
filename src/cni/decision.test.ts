import { expect, test } from "vitest";
import { decide } from "./decision.ts";
import { addressesToRedirect, type PodObject } from "./node-pod.ts";

const status = (...initContainers: string[]) => JSON.stringify({ initContainers, containers: [], revision: "default" });
const injected = { "sidecar.istio.io/status": status("istio-proxy") };

test("who has a sidecar and no init container for it is redirected", () => {
  expect(decide(injected)).toEqual({ redirect: true });
});

test.each([
  ["its proxy is no native sidecar", { "sidecar.istio.io/status": JSON.stringify({ containers: ["istio-proxy"] }) }],
  ["its proxy is no native sidecar", { "sidecar.istio.io/status": "as nobody writes it" }],
  ["its proxy is no native sidecar", { "sidecar.istio.io/status": "null" }],
  [
    "another mesh's plugin redirects it: it has an init container istio-validation",
    { "sidecar.istio.io/status": status("istio-validation", "istio-proxy") },
  ],
  ["it has no sidecar", {}],
  ["its init container istio-init redirects it", { "sidecar.istio.io/status": status("istio-init", "istio-proxy") }],
  ["sidecar.istio.io/interceptionMode is NONE", { ...injected, "sidecar.istio.io/interceptionMode": "NONE" }],
])("not redirected: %s", (skip, annotations) => {
  expect(decide(annotations)).toEqual({ redirect: false, skip });
});

test("of the node's Pods those with a network of their own count, while they live", () => {
  const pod: PodObject = {
    metadata: { namespace: "shop", name: "web", uid: "1", annotations: injected },
    spec: {},
    status: { phase: "Pending", podIPs: [{ ip: "10.244.0.7" }, { ip: "fd00::7" }] },
  };
  expect(addressesToRedirect(pod, ["kube-system"])).toEqual(["10.244.0.7", "fd00::7"]);
  const others: PodObject[] = [
    { ...pod, spec: { hostNetwork: true } },
    { ...pod, status: { phase: "Succeeded", podIPs: [{ ip: "10.244.0.7" }] } },
    { ...pod, status: { phase: "Pending" } },
    { ...pod, metadata: { ...pod.metadata, namespace: "kube-system" } },
    { ...pod, metadata: { ...pod.metadata, annotations: {} } },
    { ...pod, metadata: { ...pod.metadata, deletionTimestamp: "2026-01-01T00:00:00Z" } },
  ];
  for (const other of others) expect(addressesToRedirect(other, ["kube-system"])).toEqual([]);
});
