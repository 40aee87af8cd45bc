import { spawn } from "node:child_process";
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import http2 from "node:http2";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test, vi } from "vitest";
import { bootstrap } from "./bootstrap.ts";
import { sinksSaid } from "./bootstrap-sinks.ts";
import type { ProxyNode } from "./node.ts";
import { testEnvoy } from "./test-envoy.ts";

const nobody = () => undefined;

test("statsdUdpAddress: an address, or the name of a Service that has one", () => {
  const said = (statsdUdpAddress: unknown) =>
    sinksSaid({ statsdUdpAddress }, (host) => (host === "statsd.monitoring.svc" ? "10.96.0.5" : undefined)).statsd;
  expect(said("10.0.0.9:8125")).toEqual({ address: "10.0.0.9", port: 8125 });
  expect(said("[fd00::9]:8125")).toEqual({ address: "fd00::9", port: 8125 });
  expect(said("statsd.monitoring.svc:8125")).toEqual({ address: "10.96.0.5", port: 8125 });
  for (const text of ["statsd.example.com:8125", "10.0.0.9", "10.0.0.9:0", "10.0.0.9:70000", "a b:1", 7, undefined])
    expect(said(text)).toBeUndefined();
});

test("envoyMetricsService: address and tcpKeepalive", () => {
  const said = (envoyMetricsService: unknown) => sinksSaid({ envoyMetricsService }, nobody).metricsService;
  expect(said({ address: "metrics.shop:15000" })).toEqual({ address: "metrics.shop", port: 15_000 });
  const tcpKeepalive = { probes: 3, time: "10s", interval: "often" };
  expect(said({ address: "metrics:1", tcpKeepalive })).toEqual({
    ...{ address: "metrics", port: 1 },
    keepalive: { probes: 3, timeSeconds: 10 },
  });
  expect(said({ address: "metrics" })).toBeUndefined();
  expect(said("metrics:1")).toBeUndefined();
});

const node: ProxyNode = {
  ...{ kind: "sidecar", ip: "10.0.0.7", name: "web-1", namespace: "shop", labels: {}, annotations: {} },
  ...{ serviceAccount: "web", workload: "web", containers: [], ports: [], kubeCluster: "Kubernetes" },
  ...{ meshId: "cluster.local", dnsDomain: "cluster.local", nodeName: "n", metadata: {} },
  locality: { region: "", zone: "", subzone: "" },
};

test("a real Envoy sends what it counts to both", async () => {
  const folder = mkdtempSync(join(tmpdir(), "weft-sinks-"));
  const udp = createSocket("udp4").bind(0, "127.0.0.1");
  await once(udp, "listening");
  let text = "";
  udp.on("message", (packet) => {
    text += `${packet}\n`;
  });
  const calls: string[] = [];
  let streamed = 0;
  const grpc = http2.createServer().on("stream", (stream, headers) => {
    calls.push(String(headers[":path"]));
    stream
      .on("error", () => {})
      .on("data", (piece: Buffer) => {
        streamed += piece.includes("server.live") ? 1 : 0;
      });
    stream.respond({ ":status": 200, "content-type": "application/grpc" });
  });
  await once(grpc.listen(0, "127.0.0.1"), "listening");
  const own = "127.77.41.1";
  const made = bootstrap(node, {
    ...{ xds: { address: "127.0.0.1", port: 1 }, admin: { path: join(folder, "admin.sock") } },
    listen: { anyone: own, self: own },
    settings: {
      statsFlushMs: 200,
      statsEvictionMs: 60_000,
      ...sinksSaid(
        {
          statsdUdpAddress: `127.0.0.1:${udp.address().port}`,
          envoyMetricsService: {
            address: `localhost:${(grpc.address() as AddressInfo).port}`,
            tcpKeepalive: { probes: 3, time: "10s" },
          },
        },
        nobody,
      ),
    },
  });
  writeFileSync(join(folder, "bootstrap.json"), JSON.stringify(made));
  const args = ["-c", join(folder, "bootstrap.json"), "--disable-hot-restart", "--concurrency", "1", "-l", "error"];
  const envoy = spawn(testEnvoy(), args, { stdio: "ignore" });
  try {
    await vi.waitFor(
      () => {
        expect(text).toMatch(/^envoy\.server\.live:1\|g$/m);
        expect(calls).toEqual(["/envoy.service.metrics.v3.MetricsService/StreamMetrics"]);
        expect(streamed).toBeGreaterThan(0);
      },
      { timeout: 20_000, interval: 50 },
    );
  } finally {
    envoy.kill("SIGKILL");
    await once(envoy, "exit");
    udp.close();
    grpc.close();
    rmSync(folder, { recursive: true, force: true });
  }
}, 30_000);
