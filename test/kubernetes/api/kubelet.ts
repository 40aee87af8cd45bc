import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { dirname, join } from "node:path";
import type { ApiServer } from "../api-server.ts";

/** Logs that stand in for those of containers; none of a proxy before. */
const logs: Readonly<Record<string, string>> = {
  app: "2026-11-22T12:00:01.1Z app one\n2026-11-22T12:00:03Z [2026-11-22T12:00:02.000Z] app two\n",
  web: "2026-11-22T12:00:01.15Z web\n",
  "istio-proxy": "2026-11-22T12:00:00Z istio-proxy says\n",
};

/** A node's part of an API server's answer for logs: no container runs beside the API server of a test. */
export async function startKubelet(api: ApiServer): Promise<{ readonly asked: readonly string[]; close(): void }> {
  const asked: string[] = [];
  const file = (name: string) => readFileSync(join(dirname(api.kubeconfig), "certificates", name), "utf8");
  const server = createServer({ cert: file("apiserver.crt"), key: file("apiserver.key") }, ({ url = "" }, response) => {
    asked.push(url);
    const { pathname, searchParams } = new URL(url, "https://kubelet");
    const text = searchParams.has("previous") ? undefined : logs[pathname.split("/").at(-1) ?? ""];
    if (text === undefined) response.writeHead(400).end("previous terminated container not found");
    else response.end(text);
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  const { port: Port } = server.address() as AddressInfo;
  const node = { apiVersion: "v1", kind: "Node", metadata: { name: "node" } };
  await api.kubectl(["create", "-f", "-"], JSON.stringify(node));
  const status = {
    addresses: [{ type: "InternalIP", address: "127.0.0.1" }],
    daemonEndpoints: { kubeletEndpoint: { Port } },
  };
  await api.kubectl(["patch", "node", "node", "--subresource=status", "-p", JSON.stringify({ status })]);
  return {
    asked,
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}
