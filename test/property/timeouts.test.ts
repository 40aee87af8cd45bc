import { deepStrictEqual, ok } from "node:assert";
import type { JsonValue } from "@bufbuild/protobuf";
import { test } from "vitest";
import { bootstrap } from "../../src/agent/bootstrap.ts";
import { proxyConfig, proxyKey } from "../../src/discovery/resources/proxy.ts";
import { decodeResource } from "../../src/main/decode.ts";
import type { Proxy as MeshProxy } from "../../src/model/proxy.ts";
import { apply, empty } from "../../src/model/snapshot.ts";
import { Tracker } from "../../src/track/tracker.ts";
import { TYPE } from "../../src/xds/type-url.ts";
import { Dice } from "./dice.ts";
import { edit, proxies } from "./random-mesh.ts";

// Envoy ends a request after 15 s, and a stream that is idle for 5 minutes, unless it is told otherwise. Nothing that users wrote says so:
// both must be said everywhere.

/** Where a route to a cluster, or a reader of HTTP, leaves its time to Envoy. `looked` counts both. */
function leaks(value: JsonValue, looked: { count: number }, path = ""): readonly string[] {
  if (Array.isArray(value)) return value.flatMap((each, i) => leaks(each, looked, `${path}[${i}]`));
  if (typeof value !== "object" || value === null) return [];
  const found: string[] = [];
  const { route } = value;
  if ("match" in value && typeof route === "object" && route !== null && !Array.isArray(route)) {
    looked.count++;
    if (!("timeout" in route)) found.push(`${path}.route: timeout`);
  }
  if (String(value["@type"]).endsWith(".HttpConnectionManager")) {
    looked.count++;
    if (!("stream_idle_timeout" in value)) found.push(`${path}: stream_idle_timeout`);
  }
  return [...found, ...Object.entries(value).flatMap(([key, inner]) => leaks(inner, looked, `${path}.${key}`))];
}

const loopback = { WEFT_MODE: "loopback", INTERCEPTION_MODE: "NONE", WEFT_HTTP_PROXY_PORT: "15080" };
const everywhere: readonly MeshProxy[] = [
  ...proxies,
  { ...(proxies[0] as MeshProxy), ips: ["127.64.0.7"], metadata: { ...loopback, WEFT_APP_ADDRESS: "127.64.1.7" } },
];

test.each([21, 22, 23, 24])("no proxy ends a request or an idle stream by a time that nobody set (seed %i)", (seed) => {
  const dice = new Dice(seed);
  const tracker = new Tracker(empty);
  const looked = { count: 0 };
  for (let step = 0; step < 8; step++) {
    const present = [...tracker.snapshot.objects.values()].flatMap((all) => [...all.values()].flat());
    tracker.advance(
      apply(
        tracker.snapshot,
        Array.from({ length: 24 }, () => edit(dice, present)),
      ),
    );
    if (step < 3) continue;
    for (const proxy of everywhere) {
      const config = tracker.ask(proxyConfig, proxyKey(proxy));
      for (const type of [TYPE.route, TYPE.listener])
        for (const { name, body } of config.get(type)?.resources.values() ?? [])
          deepStrictEqual(leaks(decodeResource(type, body), looked), [], `${name} of ${proxy.id}`);
    }
  }
  ok(looked.count > 100, `only ${looked.count} places`);
});

test("nor do the listeners that a proxy has from its start", () => {
  const place = { nodeName: "n", locality: { region: "", zone: "", subzone: "" }, dnsDomain: "cluster.local" };
  const pod = { kind: "sidecar" as const, ip: "10.0.0.1", name: "n", namespace: "default", workload: "n" };
  const rest = { labels: {}, annotations: {}, containers: [], ports: [], kubeCluster: "c", meshId: "m" };
  const looked = { count: 0 };
  const made = bootstrap(
    { ...pod, ...place, ...rest, serviceAccount: "n" },
    {
      xds: { address: "127.0.0.1", port: 1 },
      admin: { path: "/admin" },
      listen: { anyone: "0.0.0.0", self: "127.0.0.1" },
    },
  );
  deepStrictEqual(leaks(JSON.parse(JSON.stringify(made)) as JsonValue, looked), []);
  ok(looked.count >= 6);
});
