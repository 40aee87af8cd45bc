import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type KubernetesClient, kubernetesClient } from "../../../src/kubernetes/client.ts";
import { usualPace } from "../../../src/kubernetes/watch-options.ts";
import { anonymous } from "../../../src/main/authentication.ts";
import { systemClock as clock } from "../../../src/main/clock.ts";
import { clusterSource } from "../../../src/main/cluster-source.ts";
import { type ControlPlane, createControlPlane } from "../../../src/main/control-plane.ts";
import { systemRandom as random } from "../../../src/main/random.ts";
import { countersAt } from "../../../src/main/rate-limits.ts";
import type { Log } from "../../../src/std/log.ts";
import { until } from "../../e2e/ask.ts";
import type { ApiServer } from "../api-server.ts";

// A control plane on an API server, without what runs around it: its source, discovery, a port for proxies.

const files = join(import.meta.dirname, "../../../charts/weft-crds/files");

/** The definitions of all kinds of the mesh's, as the chart installs them. */
export async function installDefinitions(api: ApiServer): Promise<void> {
  const texts = ["gateway-api.yaml", "istio.yaml", "weft.yaml"].map((file) => readFileSync(join(files, file), "utf8"));
  await api.kubectl(["apply", "--server-side", "-f", "-"], texts.join("\n---\n"));
  await api.kubectl(["wait", "--for=condition=Established", "crd", "--all", "--timeout=60s"]);
}

/** Lines of a log, by their message. */
export function memoryLog(): { readonly log: Log; readonly lines: readonly string[] } {
  const lines: string[] = [];
  const write = (message: string, fields: object = {}) => void lines.push(`${message} ${JSON.stringify(fields)}`);
  const log: Log = { debug() {}, info() {}, warn: write, error: write, with: () => log };
  return { log, lines };
}

export interface OperatorBed {
  readonly client: KubernetesClient;
  readonly plane: ControlPlane;
  readonly parts: { readonly clock: typeof clock; readonly random: typeof random; readonly log: Log };
  /** Of its port for proxies, where everybody may come. */
  readonly xds: string;
  readonly lines: readonly string[];
  stop(): Promise<void>;
}

export async function operatorBed(api: ApiServer, kubeconfig = api.config()): Promise<OperatorBed> {
  const { log, lines } = memoryLog();
  const client = kubernetesClient(kubeconfig);
  const pace = { ...usualPace, retryMs: 50, maxRetryMs: 300, refusedMs: 500 };
  const plane = createControlPlane({
    ...{ clock, log, trustDomain: "cluster.local", authenticate: anonymous },
    sources: [clusterSource({ client, clock, random, log, revision: "default", pace })],
    counters: countersAt(undefined, clock, log),
  });
  await plane.start();
  const { port } = await plane.listen({ host: "127.0.0.1", port: 0 });
  return {
    ...{ client, plane, lines, xds: `http://127.0.0.1:${port}` },
    parts: { clock, random, log },
    async stop() {
      await plane.stop();
      client.close();
    },
  };
}

/** Objects that kubectl applies. */
export function applied(api: ApiServer, ...items: readonly object[]): Promise<string> {
  return api.kubectl(["apply", "-f", "-"], JSON.stringify({ apiVersion: "v1", kind: "List", items }));
}

/** Reads an object until it is as wanted; answers it then. */
export async function readUntil<T>(
  client: KubernetesClient,
  path: string,
  holds: (object: T) => boolean,
  what = path,
): Promise<T> {
  let last: T | undefined;
  await until(
    what,
    async () => {
      last = await client.ask<T>(path).catch(() => undefined);
      return last !== undefined && holds(last);
    },
    () => JSON.stringify(last),
    30_000,
  );
  return last as T;
}
