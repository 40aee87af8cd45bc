import { apply, applySample, eventually, figure, get, helm, kubectl, podOf, rolledOut } from "./bed.ts";

/** Before all tests: Weft by Helm, Bookinfo from its own files, mutual TLS only. What went wrong is told with the cluster's own words. */
export async function setup(): Promise<void> {
  try {
    await install();
    await bookinfo();
  } catch (error) {
    throw new Error(`${(error as Error).message}\n${await trouble()}`);
  }
}

async function install(): Promise<void> {
  const begun = performance.now();
  await helm("install", "weft-crds", "charts/weft-crds", "-n", "istio-system", "--create-namespace");
  await helm("install", "weft", "charts/weft", "-n", "istio-system");
  // Not by --wait, which waits for an address of LoadBalancers, too, and here is nobody who gives any.
  await rolledOut("istio-system", "weft", "istio-ingressgateway");
  figure(
    "helm install until the control plane and a gateway are ready",
    ((performance.now() - begun) / 1000).toFixed(1),
    "s",
  );
}

async function bookinfo(): Promise<void> {
  await apply([
    { apiVersion: "v1", kind: "Namespace", metadata: { name: "default", labels: { "istio-injection": "enabled" } } },
  ]);
  await eventually("the namespace has an account", async () =>
    (await kubectl(["get", "serviceaccounts"])).includes("default"),
  );
  await applySample("bookinfo.yaml", "networking", "policy", "exercises/strict-mtls.yaml");
  const { items } = await get<{ items: readonly { metadata: { name: string } }[] }>("deployments", "-n", "default");
  await rolledOut("default", ...items.map(({ metadata }) => metadata.name));
  const { spec } = await podOf("default", "app=details");
  if (!spec.initContainers?.some(({ name }) => name === "istio-proxy"))
    throw new Error("Pods of default have no sidecar");
}

async function trouble(): Promise<string> {
  const asked = [
    ["get", "pods", "-A", "-o", "wide"],
    ["get", "events", "-A", "--sort-by=.lastTimestamp"],
    ["logs", "-n", "istio-system", "-l", "app=weft", "--tail=40"],
    ["logs", "-n", "istio-system", "-l", "app=istio-ingressgateway", "--tail=20"],
  ];
  const told = await Promise.all(asked.map((args) => kubectl(args).catch((error: Error) => error.message)));
  return told.map((text) => text.split("\n").slice(-40).join("\n")).join("\n\n");
}
