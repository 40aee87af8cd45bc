import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type OwnApiServer, ownApiServer } from "../api-server.ts";
import { noApiServer } from "../shared.ts";
import { onCluster, openCrd } from "./cli-bed.ts";

const istio = "networking.istio.io";

const route = (name: string, host: string) => ({
  apiVersion: `${istio}/v1`,
  kind: "VirtualService",
  metadata: { name, namespace: "shop" },
  spec: { hosts: [host], http: [{ route: [{ destination: { host } }] }] },
});

const service = (name: string) => ({
  apiVersion: "v1",
  kind: "Service",
  metadata: { name, namespace: "shop" },
  spec: { ports: [{ name: "http", port: 80 }] },
});

const objects = [
  { apiVersion: "v1", kind: "Namespace", metadata: { name: "shop", labels: { "istio-injection": "enabled" } } },
  service("web"),
  route("web", "web.shop.svc.cluster.local"),
  route("gone", "nowhere.shop.svc.cluster.local"),
];

describe.skipIf(noApiServer())("weft analyze on a cluster", () => {
  let api: OwnApiServer;
  let folder: string;
  beforeAll(async () => {
    api = await ownApiServer();
    folder = mkdtempSync(join(tmpdir(), "weft-analyze-"));
    const crd = [openCrd(istio, "VirtualService", "virtualservices")];
    await api.kubectl(["apply", "-f", "-"], JSON.stringify({ apiVersion: "v1", kind: "List", items: crd }));
    await api.kubectl(["wait", "--for=condition=Established", `crd/virtualservices.${istio}`]);
    await api.kubectl(["apply", "-f", "-"], JSON.stringify({ apiVersion: "v1", kind: "List", items: objects }));
  });
  afterAll(async () => {
    await api.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const analyze = (argv: readonly string[]) =>
    onCluster(api.kubeconfig, ["analyze", ...argv, "-S", "IST0102=*"], { cwd: folder });
  const write = (name: string, object: object) => writeFileSync(join(folder, name), JSON.stringify(object));

  it("finds what is wrong between the cluster's objects, named as objects", async () => {
    const { code, out } = await analyze(["-o", "json"]);
    expect(code).toBe(2);
    expect(JSON.parse(out)).toEqual([
      expect.objectContaining({ code: "IST0101", level: "Error", origin: "VirtualService shop/gone" }),
    ]);
    expect((await analyze(["-o", "short"])).out).toContain("VirtualService shop/gone error IST0101/KIA1101");
    expect(await analyze(["-n", "default"])).toMatchObject({ code: 0, out: "" });
  });

  it("a file mends what is wrong in the cluster, or breaks what is right there; what was wrong before is not told", async () => {
    write("mends.json", service("nowhere"));
    expect(await analyze(["mends.json", "--use-kube"])).toMatchObject({ code: 0, out: "" });
    write("breaks.json", route("second", "web.shop.svc.cluster.local"));
    const broken = await analyze(["breaks.json", "-o", "short"]);
    expect(broken.code).toBe(2);
    // The live one is older, and holds.
    expect(broken.out).toMatch(/^breaks.json:1:\d+ error IST0109\S* .* VirtualService shop\/web .* holds alone/m);
    expect(broken.out).toMatch(/^VirtualService shop\/web error IST0109\S* /m);
    write("new.json", route("new", "other.shop.svc.cluster.local"));
    const { code, out } = await analyze(["new.json", "-o", "json"]);
    expect(code).toBe(2);
    expect(JSON.parse(out)).toEqual([
      expect.objectContaining({ origin: "VirtualService shop/new", reference: "new.json:1" }),
    ]);
  });

  it("files alone are files alone", async () => {
    write("alone.json", route("alone", "web.shop.svc.cluster.local"));
    const { code, out } = await analyze(["alone.json", "--use-kube=false", "-o", "json"]);
    expect(code).toBe(2);
    expect(JSON.parse(out)).toEqual([expect.objectContaining({ origin: "VirtualService shop/alone" })]);
  });

  it("whoever may list some kinds alone hears of those, and which were left out", async () => {
    const rules = [
      { apiGroups: [""], resources: ["services", "namespaces"], verbs: ["list"] },
      { apiGroups: [istio], resources: ["virtualservices"], verbs: ["list"] },
    ];
    const kubeconfig = await api.account({ namespace: "people", name: "reader", rules });
    const { code, err } = await onCluster(kubeconfig, ["analyze"], { cwd: folder });
    expect(err).toContain("so what concerns them was not checked: DaemonSet.apps, Deployment.apps");
    expect(err).not.toContain("VirtualService");
    // Without Pods nothing is said that needs them.
    expect([0, 2]).toContain(code);
  });

  it("whoever may only read one namespace names it", async () => {
    const rules = [{ apiGroups: ["", istio, "apps"], resources: ["*"], verbs: ["list", "get"] }];
    const kubeconfig = await api.account({ namespace: "people", name: "of-shop", in: { shop: rules } });
    const { code, out } = await onCluster(kubeconfig, ["analyze", "-n", "shop", "-o", "json"], { cwd: folder });
    expect(code).toBe(2);
    expect(JSON.parse(out)).toEqual([expect.objectContaining({ origin: "VirtualService shop/gone" })]);
  });
});
