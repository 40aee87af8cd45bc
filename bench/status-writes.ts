// How long statuses of many VirtualServices take on a real API server, and how long one edit takes to its condition: `node bench/status-writes.ts [1000]`.
import { meshView } from "../src/main/cluster-status.ts";
import { StatusLoop } from "../src/operate/status/loop.ts";
import { figure, until } from "../test/e2e/ask.ts";
import { applied, installDefinitions, operatorBed } from "../test/kubernetes/api/operator-bed.ts";
import { ownApiServer } from "../test/kubernetes/api-server.ts";

interface Read {
  readonly metadata: { readonly name: string };
  readonly status?: { readonly conditions?: readonly { readonly observedGeneration: number }[] };
}

const count = Number(process.argv[2] ?? 1000);
const virtualService = (name: string, timeout: string) => ({
  apiVersion: "networking.istio.io/v1",
  kind: "VirtualService",
  metadata: { name, namespace: "default" },
  spec: { hosts: [`${name}.example`], http: [{ timeout, route: [{ destination: { host: "api" } }] }] },
});
const all = Array.from({ length: count }, (_, i) => virtualService(`vs-${i}`, "5s"));
const api = await ownApiServer();
await installDefinitions(api);
const service = {
  ...{ apiVersion: "v1", kind: "Service", metadata: { name: "api", namespace: "default" } },
  spec: { ports: [{ name: "http", port: 80 }] },
};
await applied(api, service, ...all);
const bed = await operatorBed(api);
const { discovery } = bed.plane;
const lead = () =>
  new StatusLoop({
    ...{ client: bed.client, ...bed.parts, view: meshView(discovery, "unlabelled") },
    onChange: (listener) => discovery.onChange(listener),
  });
try {
  const first = lead();
  const took = await until(`${count} are written`, () => first.writes >= count);
  figure(`statuses of ${count} VirtualServices written`, took, "ms");
  figure("writes a second", count / (took / 1000), "");
  const collection = "/apis/networking.istio.io/v1/namespaces/default/virtualservices";
  const times: number[] = [];
  for (let i = 0; i < 10; i++) {
    const began = performance.now();
    await bed.client.ask(`${collection}/vs-${i}`, {
      ...{ method: "PATCH", contentType: "application/merge-patch+json" },
      body: { spec: virtualService("", "6s").spec.http && { http: virtualService("", "6s").spec.http } },
    });
    await until("the edit is in the status", async () => {
      const { status } = await bed.client.ask<Read>(`${collection}/vs-${i}`);
      return (status?.conditions ?? []).some((c) => c.observedGeneration === 2);
    });
    times.push(performance.now() - began);
  }
  times.sort((a, b) => a - b);
  figure("from an edit to its condition, median", times[5] ?? 0, "ms");
  figure("from an edit to its condition, worst of 10", times.at(-1) ?? 0, "ms");
  first.stop();
  const second = lead();
  const cpu = process.cpuUsage();
  const began = performance.now();
  await applied(api, virtualService("last", "5s"));
  await until("the next leader has looked at all", () => second.writes > 0);
  figure("a new leader has looked at all and written the one that changed, after", performance.now() - began, "ms");
  figure("its writes", second.writes, "");
  figure("its CPU", process.cpuUsage(cpu).user / 1000, "ms");
  second.stop();
} finally {
  await bed.stop();
  await api.close();
}
