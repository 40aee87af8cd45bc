import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type KubernetesClient, kubernetesClient } from "../../../src/kubernetes/client.ts";
import { inFlight } from "../../../src/kubernetes/in-flight.ts";
import { systemClock as clock } from "../../../src/main/clock.ts";
import { systemRandom as random } from "../../../src/main/random.ts";
import { earlyGateways } from "../../../src/operate/early-gateways.ts";
import type { ApiServer } from "../api-server.ts";
import { until } from "../processes.ts";
import { noApiServer, sharedApiServer } from "../shared.ts";
import { quiet as log } from "./source-kit.ts";

const namespace = "early-gateways";

describe.skipIf(noApiServer())("gateway Pods that were made before the webhook", () => {
  let api: ApiServer;
  let client: KubernetesClient;
  let stop = () => {};
  const pod = (name: string, image: string, labels: Record<string, string>) => ({
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name, namespace, labels },
    spec: { containers: [{ name: "istio-proxy", image }] },
  });
  const create = (...items: readonly object[]) =>
    api.kubectl(["apply", "-f", "-"], JSON.stringify({ apiVersion: "v1", kind: "List", items }));
  const names = async () => (await api.kubectl(["get", "pods", "-n", namespace, "-o", "name"])).trim().split("\n");

  beforeAll(async () => {
    api = await sharedApiServer();
    await api.account({ namespace, name: "default" });
    client = kubernetesClient(api.config());
  });
  afterAll(() => {
    stop();
    client.close();
  });

  it("are taken away, those from before and those that come, and no other", async () => {
    const chosen = { "sidecar.istio.io/inject": "true" };
    await create(pod("early", "auto", chosen), pod("filled-in", "hub/weft-proxy:1", chosen), pod("other", "auto", {}));
    stop = earlyGateways({ client, clock, random, log, lists: inFlight(1), namespace })();
    await until("the early one is gone", async () => !(await names()).includes("pod/early"));
    await create(pod("late", "auto", chosen));
    await until("the late one is gone", async () => !(await names()).includes("pod/late"));
    expect((await names()).toSorted()).toEqual(["pod/filled-in", "pod/other"]);
  });
});
