import { fromBinary } from "@bufbuild/protobuf";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { ClusterSchema } from "../../../src/gen/envoy/config/cluster/v3/cluster_pb.js";
import type { DeltaDiscoveryResponse } from "../../../src/gen/envoy/service/discovery/v3/discovery_pb.js";
import { TYPE } from "../../../src/xds/type-url.ts";
import type { DeltaClient } from "../../e2e/delta-client.ts";
import { ownAddress } from "../../proxy/own-address.ts";
import { type OwnApiServer, ownApiServer } from "../api-server.ts";
import { type Replica, rootOf, startControlPlane } from "../control-plane.ts";
import { until } from "../processes.ts";
import { noApiServer } from "../shared.ts";
import { account, apply, namespace, pod, service, sidecar, tokenOf } from "./plane-kit.ts";

describe.skipIf(noApiServer())("the life of a control plane", { timeout: 180_000 }, () => {
  let api: OwnApiServer;
  let root: string;
  let token: string;
  const replicas: Replica[] = [];
  const [first, second] = [() => replicas[0] as Replica, () => replicas[1] as Replica];

  beforeAll(async () => {
    api = await ownApiServer();
    await apply(api, namespace("istio-system"), namespace("shop"));
    await apply(api, account("cart"), service("cart"), pod("cart-0", "cart"));
    for (const nth of [0, 1]) replicas.push(startControlPlane({ api, address: ownAddress(nth) }));
    await Promise.all(replicas.map((one) => one.isReady()));
    root = await rootOf(api);
    token = await tokenOf(api, "cart");
  });
  afterEach(({ task }) => {
    if (task.result?.state === "fail") for (const one of replicas) process.stderr.write(one.log());
  });
  afterAll(async () => {
    await Promise.all(replicas.map((one) => one.stop()));
    await api?.close();
  });

  const leaders = () => replicas.filter((one) => one.log().split("leads").at(-1)?.startsWith(" from now on"));

  it("follows the mesh's settings; what cannot be read changes nothing and is told", async () => {
    const client = sidecar(first(), root, token);
    const timeouts = ({ resources }: DeltaDiscoveryResponse) =>
      resources
        .filter(({ name }) => name === "outbound|80||cart.shop.svc.cluster.local")
        .map((one) =>
          Number(fromBinary(ClusterSchema, one.resource?.value ?? new Uint8Array()).connectTimeout?.seconds),
        );
    expect(timeouts(await client.ask(TYPE.cluster))).toEqual([10]);
    const settings = (mesh: string) => ({
      ...{ apiVersion: "v1", kind: "ConfigMap", metadata: { name: "istio", namespace: "istio-system" } },
      data: { mesh },
    });
    const pushed = client.next(TYPE.cluster);
    await apply(api, settings("connectTimeout: 7s"));
    expect(timeouts(await pushed)).toEqual([7]);
    await apply(api, settings("connectTimeout: soon"));
    await until("it is told", () => first().log().includes("connectTimeout"));
    const again = sidecar(first(), root, token);
    expect(timeouts(await again.ask(TYPE.cluster))).toEqual([7]);
    for (const one of [client, again]) one.close();
  });

  const names = async (client: DeltaClient) => (await client.ask(TYPE.cluster)).resources.map(({ name }) => name);

  it("serves on while the API server is away, also proxies that come back, to whichever replica; what is edited afterwards arrives", async () => {
    const open = sidecar(first(), root, token);
    expect(await names(open)).toContain("outbound|80||cart.shop.svc.cluster.local");
    const stranger = await tokenOf(api, "cart", { bound: "" });
    await api.stop();
    const back = sidecar(first(), root, token);
    expect(await names(back)).toContain("outbound|80||cart.shop.svc.cluster.local");
    // The second replica has never seen this token: it knows the API server's keys, and the Pod.
    const elsewhere = sidecar(second(), root, token);
    expect(await names(elsewhere)).toContain("outbound|80||cart.shop.svc.cluster.local");
    const unbound = sidecar(second(), root, stranger);
    await expect(unbound.ask(TYPE.cluster)).rejects.toThrow(/grpc-status 14: the token cannot be checked now: /);
    expect((await first().ready()).status).toBe(200);
    const pushes = [open, back, elsewhere].map((one) => one.next(TYPE.cluster));
    await api.start();
    await apply(api, service("later"));
    for (const push of await Promise.all(pushes)) {
      expect(push.resources.map(({ name }) => name)).toContain("outbound|80||later.shop.svc.cluster.local");
      expect(push.removedResources).toEqual([]);
    }
    for (const one of [open, back, elsewhere, unbound]) one.close();
  });

  it("hands the lead over and sends its proxies away when it is asked to end, and ends well", async () => {
    await until("one leads", () => leaders().length === 1);
    const [leader] = leaders() as [Replica];
    const other = replicas.find((one) => one !== leader) as Replica;
    const clients = Array.from({ length: 20 }, () => sidecar(leader, root, token));
    await Promise.all(clients.map((one) => one.ask(TYPE.cluster)));
    const ends = clients.map((one) => one.ended());
    const begun = performance.now();
    expect(await leader.stop()).toBe(0);
    expect(performance.now() - begun).toBeLessThan(15_000);
    expect(new Set(await Promise.all(ends))).toEqual(new Set(["grpc-status 14: the control plane is going down"]));
    await until("the other leads", () => leaders().includes(other));
    await apply(api, namespace("after"));
    await until("the other writes", () =>
      api.kubectl(["get", "configmap", "weft-ca-root-cert", "-n", "after"]).then(
        () => true,
        () => false,
      ),
    );
  });
});
