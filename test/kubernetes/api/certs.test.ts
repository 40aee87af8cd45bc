import { X509Certificate } from "node:crypto";
import { fromBinary } from "@bufbuild/protobuf";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { certificatesIn } from "../../../src/api/certificates.ts";
import { SecretSchema } from "../../../src/gen/envoy/extensions/transport_sockets/tls/v3/secret_pb.js";
import { TYPE } from "../../../src/xds/type-url.ts";
import type { DeltaClient } from "../../e2e/delta-client.ts";
import { ownAddress } from "../../proxy/own-address.ts";
import { type OwnApiServer, ownApiServer } from "../api-server.ts";
import { type Replica, rootOf, startControlPlane } from "../control-plane.ts";
import { until } from "../processes.ts";
import { noApiServer } from "../shared.ts";
import { onCluster } from "./cli-bed.ts";
import { account, apply, namespace, pod, service, sidecar, tokenOf } from "./plane-kit.ts";

const replicaPod = {
  ...{
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name: "weft-0", namespace: "istio-system", labels: { app: "weft" } },
  },
  spec: { automountServiceAccountToken: false, containers: [{ name: "app", image: "none" }] },
};
const ready = { status: { phase: "Running", conditions: [{ type: "Ready", status: "True" }] } };

describe.skipIf(noApiServer())("weft certs orders a cluster's authority", { timeout: 120_000 }, () => {
  let api: OwnApiServer;
  let plane: Replica;
  let client: DeltaClient;

  beforeAll(async () => {
    api = await ownApiServer();
    await apply(api, namespace("istio-system"), namespace("shop"));
    const replicas = {
      apiVersion: "v1",
      kind: "ServiceAccount",
      metadata: { name: "default", namespace: "istio-system" },
    };
    await apply(api, replicas, account("cart"), service("cart"), pod("cart-0", "cart"), replicaPod);
    // What a kubelet would say of it: the control plane itself runs beside the API server.
    const patch = ["patch", "pod", "weft-0", "-n", "istio-system", "--subresource=status", "--type=merge"];
    await api.kubectl([...patch, "-p", JSON.stringify(ready)]);
    plane = startControlPlane({ api, address: ownAddress(0) });
    await plane.isReady();
    client = sidecar(plane, await rootOf(api), await tokenOf(api, "cart"));
  });
  afterEach(({ task }) => {
    if (task.result?.state === "fail") process.stderr.write(plane.log());
  });
  afterAll(async () => {
    client?.close();
    await plane?.stop();
    await api?.close();
  });

  const serialIn = (value: Uint8Array | undefined): string => {
    const { type } = fromBinary(SecretSchema, value ?? new Uint8Array());
    const chain = type.case === "tlsCertificate" ? type.value.certificateChain?.specifier : undefined;
    const pem = chain?.case === "inlineBytes" ? Buffer.from(chain.value).toString() : String(chain?.value ?? "");
    return new X509Certificate(pem).serialNumber;
  };

  it("rotate root: a replica makes the next one, and namespaces are told of both", async () => {
    const { code, err } = await onCluster(api.kubeconfig, ["certs", "rotate", "root"]);
    expect(err).toContain("A replica did it");
    expect(code).toBe(0);
    await until("two roots are told", async () => certificatesIn(await rootOf(api)).length === 2);
  });

  it("recover: where the key is there it does nothing, and says so", async () => {
    const { code, err } = await onCluster(api.kubeconfig, ["certs", "recover", "--new-root"]);
    expect(err).toContain("nothing to recover");
    expect(code).toBe(3);
  });

  it("rotate workloads: a connected proxy is given another certificate", async () => {
    let given = await client.ask(TYPE.secret, ["default"]);
    // It is made when it is first asked for.
    while (given.resources.length === 0) given = await client.next(TYPE.secret);
    const before = serialIn(given.resources[0]?.resource?.value);
    const { code, err } = await onCluster(api.kubeconfig, ["certs", "rotate", "workloads"]);
    expect({ code, err }).toEqual({ code: 0, err: expect.stringContaining("new certificates") as unknown as string });
    const after = serialIn((await client.next(TYPE.secret)).resources[0]?.resource?.value);
    expect(after).not.toBe(before);
  });
});
