import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { shop, Workshop } from "../../../src/ca/plugged.fixture.ts";
import { ownAddress } from "../../proxy/own-address.ts";
import { type OwnApiServer, ownApiServer } from "../api-server.ts";
import { type Replica, rootOf, startControlPlane } from "../control-plane.ts";
import { until } from "../processes.ts";
import { noApiServer } from "../shared.ts";
import { apply, namespace } from "./plane-kit.ts";

describe.skipIf(noApiServer())("the certificate authority in a cluster", { timeout: 120_000 }, () => {
  let api: OwnApiServer;
  const replicas: Replica[] = [];

  const replica = (nth: number) => {
    const one = startControlPlane({ api, address: ownAddress(nth) });
    replicas.push(one);
    return one;
  };
  const secret = (name: string, data: Readonly<Record<string, string>>) => ({
    apiVersion: "v1",
    kind: "Secret",
    metadata: { name, namespace: "istio-system" },
    stringData: data,
  });
  const get = (...what: readonly string[]) => api.kubectl(["get", ...what, "-n", "istio-system"]).catch(() => "");
  /** What Pods mount to check the control plane by. */
  const published = () => get("configmap", "weft-ca-root-cert", "-o", "jsonpath={.data.root-cert\\.pem}");
  const kept = async () => Buffer.from(await get("secret", "weft-ca", "-o", "jsonpath={.data.root\\.pem}"), "base64");

  beforeAll(async () => {
    api = await ownApiServer();
    await apply(api, namespace("istio-system"));
    replica(0);
    replica(1);
    await Promise.all(replicas.map((one) => one.isReady()));
  });
  afterEach(({ task }) => {
    if (task.result?.state === "fail") for (const one of replicas) process.stderr.write(one.log());
  });
  afterAll(async () => {
    await Promise.all(replicas.map((one) => one.stop()));
    await api?.close();
  });

  it("takes over an authority from Secret cacerts: its root is published beside the own one before it signs", async () => {
    const root = await rootOf(api);
    await until("the root is published", async () => (await published()) === root);
    const { files, root: theirs } = shop(new Workshop());
    await apply(api, secret("cacerts", { ...files, "ca-key.pem": theirs.key }));
    await until("a wrong key is told", async () =>
      /ca-key\.pem is not the key of ca-cert\.pem/.test(replicas[0]?.log() ?? ""),
    );
    expect(await published()).toBe(root);
    await apply(api, secret("cacerts", files));
    await until("both roots are published", async () => (await published()) === root + theirs.cert);
    expect(String(await kept())).toMatch(/^# weft: active [\s\S]+# weft: next /);
    expect(String(await kept()).match(/BEGIN PRIVATE KEY/g)).toHaveLength(1);
    await api.kubectl(["delete", "secret", "cacerts", "-n", "istio-system"]);
    await until("it is as before", async () => (await published()) === root);
  });

  it("makes no new root where the Secret is lost, starts nevertheless, and signs again when it is back", async () => {
    const backup = await kept();
    const root = await published();
    await Promise.all(replicas.map((one) => one.stop()));
    await api.kubectl(["delete", "secret", "weft-ca", "-n", "istio-system"]);
    const late = replica(2);
    await late.isReady();
    expect(late.log()).toMatch(/no certificates are issued.*this mesh had a root/);
    expect(await get("secret", "weft-ca", "-o", "name")).toBe("");
    expect(await published()).toBe(root);
    await apply(api, secret("weft-ca", { "root.pem": String(backup) }));
    await until("all is well again", async () => late.log().includes("all is well again"));
    expect(await rootOf(api)).toBe(root);
  });
});
