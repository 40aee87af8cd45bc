import { fromBinary } from "@bufbuild/protobuf";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { ClusterSchema } from "../../../src/gen/envoy/config/cluster/v3/cluster_pb.js";
import { TYPE } from "../../../src/xds/type-url.ts";
import type { DeltaClient } from "../../e2e/delta-client.ts";
import { ownAddress } from "../../proxy/own-address.ts";
import { type OwnApiServer, ownApiServer } from "../api-server.ts";
import { type Replica, rootOf, startControlPlane } from "../control-plane.ts";
import { until } from "../processes.ts";
import { noApiServer } from "../shared.ts";
import { account, apply, namespace, pod, service, sidecar, tokenOf } from "./plane-kit.ts";

interface ConfigMap {
  readonly metadata: { readonly managedFields: readonly { readonly manager: string }[] };
  readonly data: Readonly<Record<string, string>>;
}

describe.skipIf(noApiServer())("the control plane of a cluster", { timeout: 120_000 }, () => {
  let api: OwnApiServer;
  const replicas: Replica[] = [];
  let root: string;

  const replica = (nth: number, more: object = {}) => {
    const one = startControlPlane({ api, address: ownAddress(nth), ...more });
    replicas.push(one);
    return one;
  };
  beforeAll(async () => {
    api = await ownApiServer();
    await apply(api, namespace("istio-system"), namespace("shop"));
    await apply(
      api,
      account("cart"),
      account("thief"),
      service("cart"),
      pod("cart-0", "cart"),
      pod("thief-0", "thief"),
    );
    replica(0);
    replica(1);
    await Promise.all(replicas.map((one) => one.isReady()));
    root = await rootOf(api);
  });
  afterEach(({ task }) => {
    if (task.result?.state === "fail") for (const one of replicas) process.stderr.write(one.log());
  });
  afterAll(async () => {
    await Promise.all(replicas.map((one) => one.stop()));
    await api?.close();
  });

  const token = (name: string, how = {}) => tokenOf(api, name, how);

  async function clusters(client: DeltaClient): Promise<readonly string[]> {
    const { resources } = await client.ask(TYPE.cluster);
    return resources.map((one) => fromBinary(ClusterSchema, one.resource?.value ?? new Uint8Array()).name);
  }

  /** How a stream with this token ends. */
  const refusal = async (bearer: string, how = {}) => {
    const client = sidecar(replicas[0] as Replica, root, bearer, how);
    const said = await client.ask(TYPE.cluster).then(
      () => "served",
      (error: Error) => error.message,
    );
    client.close();
    return said;
  };

  it("has one authority, though two replicas began at once", async () => {
    const secret = JSON.parse(await api.kubectl(["get", "secret", "weft-ca", "-n", "istio-system", "-o", "json"]));
    expect(Object.keys(secret.data)).toEqual(["root.pem"]);
    const bearer = await token("cart");
    for (const at of replicas) {
      const client = sidecar(at, root, bearer);
      expect(await clusters(client)).toContain("outbound|80||cart.shop.svc.cluster.local");
      client.close();
    }
  });

  it("serves the Pod that a token is bound to, and nobody else", async () => {
    expect(await refusal(await token("cart"))).toBe("served");
    expect(await refusal(await token("cart", { bound: "" }))).toBe("served");
    expect(await refusal(await token("thief"))).toMatch(
      /grpc-status 7: spiffe:\/\/cluster\.local\/ns\/shop\/sa\/thief may not be served as .*\/sa\/cart/,
    );
    expect(await refusal(await token("cart"), { pod: "cart-1" })).toBe(
      "grpc-status 7: a token of Pod shop/cart-0 may not be used by shop/cart-1 (node sidecar~10.0.0.1~cart-1.shop~shop.svc.cluster.local)",
    );
    expect(await refusal(await token("cart", { audience: "vault" }))).toMatch(/grpc-status 16: .*audience/);
    expect(await refusal("no.token.atall")).toMatch(/grpc-status 16: /);
  });

  it("refuses the token of a Pod that is gone", async () => {
    await apply(api, pod("gone-0", "cart"));
    const bearer = await token("cart", { bound: "gone-0" });
    await api.kubectl(["delete", "pod", "gone-0", "-n", "shop", "--force", "--grace-period=0"]);
    await until("it is gone for the API server's own check, too", async () =>
      /grpc-status 16: /.test(await refusal(bearer, { pod: "gone-0" })),
    );
  });

  const roots = (ns: string) =>
    api
      .kubectl(["get", "configmap", "weft-ca-root-cert", "-n", ns, "--show-managed-fields", "-o", "json"])
      .then((text) => JSON.parse(text) as ConfigMap)
      .catch(() => undefined);

  it("gives each namespace the root certificate, again where it is taken away or changed", async () => {
    const right = (ns: string) => async () => (await roots(ns))?.data["root-cert.pem"] === root;
    await until("the namespaces have it", right("shop"));
    expect((await roots("shop"))?.metadata.managedFields.map(({ manager }) => manager)).toEqual(["weft"]);
    await apply(api, namespace("late"));
    await until("one that comes later has it", right("late"));
    await api.kubectl(["delete", "configmap", "weft-ca-root-cert", "-n", "shop"]);
    await until("it is back", right("shop"));
    const edit = ["patch", "configmap", "weft-ca-root-cert", "-n", "shop", "-p", '{"data":{"root-cert.pem":"evil"}}'];
    await api.kubectl(edit);
    await until("it is right again", right("shop"));
    expect(await roots("kube-system")).toBeUndefined();
  });

  const hook = (kind: string, name: string, rev: string) => ({
    apiVersion: "admissionregistration.k8s.io/v1",
    kind,
    metadata: { name, labels: { app: "weft", "istio.io/rev": rev } },
    webhooks: ["a.weft.dev", "b.weft.dev"].map((one) => ({
      name: one,
      clientConfig: { service: { name: "weft", namespace: "istio-system", path: "/inject", port: 443 } },
      rules: [{ apiGroups: ["weft.dev"], apiVersions: ["v1"], operations: ["CREATE"], resources: ["nothings"] }],
      failurePolicy: "Ignore",
      sideEffects: "None",
      admissionReviewVersions: ["v1"],
      timeoutSeconds: 3,
    })),
  });
  const bundles = async (kind: string, name: string) =>
    (await api.kubectl(["get", kind, name, "-o", "jsonpath={.webhooks[*].clientConfig.caBundle}"]))
      .split(" ")
      .map((text) => Buffer.from(text, "base64").toString());

  it("keeps the bundles of its webhooks right, and touches nothing else in them", async () => {
    const mine = hook("MutatingWebhookConfiguration", "weft-sidecar-injector", "default");
    await apply(
      api,
      mine,
      hook("ValidatingWebhookConfiguration", "weft-validator", "default"),
      hook("ValidatingWebhookConfiguration", "weft-validator-canary", "canary"),
    );
    const right = (kind: string, name: string) => async () => (await bundles(kind, name)).join() === `${root},${root}`;
    await until("both are right", right("mutatingwebhookconfiguration", mine.metadata.name));
    await until("both are right", right("validatingwebhookconfiguration", "weft-validator"));
    const patch = '{"webhooks":[{"name":"b.weft.dev","clientConfig":{"caBundle":"ZXZpbA=="},"timeoutSeconds":7}]}';
    await api.kubectl(["patch", "mutatingwebhookconfiguration", mine.metadata.name, "-p", patch]).catch(() => {});
    await until("it is right again", right("mutatingwebhookconfiguration", mine.metadata.name));
    const path = "jsonpath={.webhooks[*].timeoutSeconds}";
    expect(await api.kubectl(["get", "mutatingwebhookconfiguration", mine.metadata.name, "-o", path])).toBe("3 7");
    expect(await bundles("validatingwebhookconfiguration", "weft-validator-canary")).toEqual([""]);
  });
});
