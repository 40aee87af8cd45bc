import { KubeConfig } from "@kubernetes/client-node";
import { kubernetesClient } from "../src/kubernetes/client.ts";
import { systemClock as clock } from "../src/main/clock.ts";
import { clusterSource } from "../src/main/cluster-source.ts";
import { createControlPlane } from "../src/main/control-plane.ts";
import { jsonLog } from "../src/main/log.ts";
import { systemRandom as random } from "../src/main/random.ts";
import { countersAt } from "../src/main/rate-limits.ts";
import type { Change } from "../src/model/change.ts";
import { cpuSeconds, memoryMiB } from "./process.ts";

// Reads a cluster until all has been told, and prints what that took: with the source alone (its objects are held once more, as a snapshot holds
// them), or within a control plane that serves nobody.
const [kubeconfig = "", what = "source"] = process.argv.slice(2);
const config = new KubeConfig();
config.loadFromFile(kubeconfig);
const client = kubernetesClient(config);
const log = jsonLog("error");
const source = clusterSource({ client, clock, random, log, revision: "default" });
let told: readonly Change[] = [];
const begin = { at: performance.now(), cpu: cpuSeconds(process.pid) };
if (what === "source")
  await source.start(({ changes }) => {
    told = [...told, ...changes];
  });
if (what === "plane") {
  const plane = createControlPlane({
    ...{ clock, log, trustDomain: "cluster.local", sources: [source] },
    counters: countersAt(undefined, clock, log),
    authenticate: async () => ({ peer: {} }),
  });
  await plane.start();
  await new Promise<void>((resolve) => {
    const look = () => plane.discovery.synced && resolve();
    plane.discovery.onChange(look);
    look();
  });
}
const seconds = (performance.now() - begin.at) / 1000;
const cpu = cpuSeconds(process.pid) - begin.cpu;
const peak = memoryMiB(process.pid, "VmHWM");
globalThis.gc?.();
globalThis.gc?.();
const heap = process.memoryUsage().heapUsed / 2 ** 20;
const figures = [seconds.toFixed(1), cpu.toFixed(1), memoryMiB(process.pid, "VmRSS"), peak, heap];
process.stdout.write([what, ...figures.map((n) => (typeof n === "number" ? n.toFixed(0) : n))].join(" | "));
process.exit(told.length < 0 ? 1 : 0);
