import { openDelta } from "../../e2e/delta-client.ts";
import type { ApiServer } from "../api-server.ts";
import type { Replica } from "../control-plane.ts";

/** Objects of a small mesh: the namespace shop. */
export const namespace = (name: string, labels = {}) => ({
  apiVersion: "v1",
  kind: "Namespace",
  metadata: { name, labels },
});
export const service = (name: string) => ({
  apiVersion: "v1",
  kind: "Service",
  metadata: { name, namespace: "shop" },
  spec: { selector: { app: name }, ports: [{ name: "http", port: 80 }] },
});
export const account = (name: string) => ({
  apiVersion: "v1",
  kind: "ServiceAccount",
  metadata: { name, namespace: "shop" },
});
export const pod = (name: string, serviceAccountName: string) => ({
  apiVersion: "v1",
  kind: "Pod",
  metadata: { name, namespace: "shop", labels: { app: serviceAccountName } },
  spec: { serviceAccountName, automountServiceAccountToken: false, containers: [{ name: "app", image: "none" }] },
});

export function apply(api: ApiServer, ...items: readonly object[]): Promise<string> {
  return api.kubectl(["apply", "-f", "-"], JSON.stringify({ apiVersion: "v1", kind: "List", items }));
}

/** A token as a kubelet projects it, for a Pod of its ServiceAccount. */
export async function tokenOf(
  api: ApiServer,
  name: string,
  { audience = "istio-ca", bound = `${name}-0` } = {},
): Promise<string> {
  const binding = bound === "" ? [] : ["--bound-object-kind=Pod", `--bound-object-name=${bound}`];
  return (await api.kubectl(["create", "token", name, "-n", "shop", `--audience=${audience}`, ...binding])).trim();
}

/** A sidecar's stream to a replica. */
export function sidecar(at: Replica, ca: string, token: string, { pod: name = "cart-0", account: sa = "cart" } = {}) {
  return openDelta({
    ...{ url: `https://${at.address}:15012`, ca, token },
    node: {
      id: `sidecar~10.0.0.1~${name}.shop~shop.svc.cluster.local`,
      metadata: { NAMESPACE: "shop", SERVICE_ACCOUNT: sa },
    },
  });
}
