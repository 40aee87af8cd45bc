import { mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { runIt } from "../../../src/cli/cli.fixture.ts";
import { type OwnApiServer, ownApiServer } from "../api-server.ts";
import { noApiServer } from "../shared.ts";
import { changed, saidOnly, snapshot } from "./install-bed.ts";

const custom = ",virtualservices,destinationrules,httproutes,compressions.weft.dev,gatewayclasses,pods";
const patient = 180_000;

describe.skipIf(noApiServer())("weft uninstall and weft restore on an API server", { timeout: patient }, () => {
  let api: OwnApiServer;
  let folder: string;
  const weft = (...args: readonly string[]) =>
    runIt([...args, "--kubeconfig", api.kubeconfig, "--timeout=90s"], { cwd: folder });

  beforeAll(async () => {
    api = await ownApiServer();
    folder = mkdtempSync(join(tmpdir(), "weft-uninstall-"));
    expect((await weft("install")).code).toBe(0);
    expect((await weft("install", "--revision", "canary")).code).toBe(0);
    await api.kubectl(["apply", "-f", "-"], JSON.stringify({ apiVersion: "v1", kind: "List", items: users }));
  }, patient);
  afterAll(async () => {
    await api?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  test("of several revisions one must be named, and nothing goes without -y", async () => {
    const before = await snapshot(api, custom);
    const several = await weft("uninstall");
    expect(several).toMatchObject({ code: 64 });
    expect(several.err).toContain("there are several revisions: canary, default");
    const asked = await weft("uninstall", "--revision", "canary");
    expect(asked.code).toBe(64);
    expect(asked.err).toContain("would remove Deployment istio-system/weft-canary\n");
    expect(changed(before, await snapshot(api, custom))).toEqual([]);
  });

  test("one revision goes, the other and what they share stay", async () => {
    const before = await snapshot(api, custom);
    const done = await weft("uninstall", "--revision", "canary", "-y", "--bundle", "canary.yaml");
    expect(done.code).toBe(0);
    const gone = changed(before, await snapshot(api, custom));
    for (const name of gone) expect(name).toMatch(/canary/);
    expect(gone).toContain("MutatingWebhookConfiguration weft-sidecar-injector-canary");
  });

  test("the last goes: definitions, objects and the CA stay, and Pods with sidecars are told", async () => {
    const before = await snapshot(api, custom);
    const done = await weft("uninstall", "-y", "--bundle", "plain.yaml");
    expect(done.code).toBe(0);
    expect(done.err).toContain("still injected: 1 Pods in default; they keep their last configuration");
    expect(done.err).toContain("undo: weft restore plain.yaml");
    const after = await snapshot(api, custom);
    expect(
      Object.keys(after)
        .filter((name) => /weft|ingressgateway/.test(name))
        .sort(),
    ).toEqual([
      "ConfigMap default/weft-ca-root-cert",
      "CustomResourceDefinition compressions.weft.dev",
      "CustomResourceDefinition fallbacks.weft.dev",
      "CustomResourceDefinition ratelimits.weft.dev",
      "Secret istio-system/weft-ca",
    ]);
    for (const name of userNames) expect(after[name], name).toEqual(before[name]);
    expect((await weft("restore", "plain.yaml")).code).toBe(0);
    expect(saidOnly(await snapshot(api, custom))).toEqual(saidOnly(before));
  });

  test("everything goes by --purge, and comes back equal, once", async () => {
    const before = await snapshot(api, custom);
    const done = await weft("uninstall", "--purge", "-y", "--with-ca", "--bundle", "all.yaml");
    expect(done.code).toBe(0);
    expect(statSync(join(folder, "all.yaml")).mode & 0o777).toBe(0o600);
    expect(await api.kubectl(["get", "crds", "-o", "name"])).toBe("");
    expect(await api.kubectl(["get", "secret,cm", "-A", "-o", "name"])).not.toContain("weft");
    const dry = await weft("restore", "all.yaml", "--dry-run");
    expect(dry.err).toMatch(/^would be \d+ created, \d+ equal\n/);
    const back = await weft("restore", "all.yaml");
    expect(back.err).not.toContain("warning");
    expect(back.code).toBe(0);
    expect(saidOnly(await snapshot(api, custom))).toEqual(saidOnly(before));
    const settled = await snapshot(api, custom);
    const again = await weft("restore", "all.yaml");
    expect(again.err).toMatch(/^\d+ equal\n$/);
    expect(changed(settled, await snapshot(api, custom))).toEqual([]);
    // What came back is what an installation finds: it changes nothing, caBundle included.
    expect((await weft("install")).err).not.toMatch(/created|\d changed/);
    expect(saidOnly(await snapshot(api, custom))).toEqual(saidOnly(settled));
  });

  test("what says something else by now is left, unless it is forced", async () => {
    await api.kubectl(["annotate", "virtualservice", "reviews", "note=mine"]);
    const left = await weft("restore", "all.yaml");
    expect(left.code).toBe(3);
    expect(left.err).toContain("VirtualService default/reviews is there and says something else");
    expect((await weft("restore", "all.yaml", "--force")).err).toContain("1 overwritten");
    expect(await api.kubectl(["get", "virtualservice", "reviews", "-o", "yaml"])).not.toContain("note: mine");
  });

  test("without the CA the bundle has no private key, and says so", async () => {
    const done = await weft("uninstall", "--purge", "-y", "--bundle", "keyless.yaml");
    expect(done.err).toContain("the bundle has no CA");
    expect(readFileSync(join(folder, "keyless.yaml"), "utf8")).not.toContain(key);
    expect((await weft("uninstall", "--purge", "-y")).code).toBe(4);
  });
});

const key = Buffer.from("the private key").toString("base64");

const users = [
  { apiVersion: "v1", kind: "ServiceAccount", metadata: { name: "default", namespace: "default" } },
  {
    apiVersion: "networking.istio.io/v1",
    kind: "VirtualService",
    metadata: { name: "reviews", namespace: "default", labels: { on: "yes" }, annotations: { when: "2026-01-01" } },
    spec: { hosts: ["reviews"], http: [{ route: [{ destination: { host: "reviews", subset: "v1" } }] }] },
  },
  {
    apiVersion: "networking.istio.io/v1",
    kind: "DestinationRule",
    metadata: { name: "reviews", namespace: "default", finalizers: [] },
    spec: { host: "reviews", subsets: [{ name: "v1", labels: { version: "v1" } }] },
  },
  {
    apiVersion: "gateway.networking.k8s.io/v1",
    kind: "HTTPRoute",
    metadata: { name: "reviews", namespace: "default" },
    spec: { rules: [{ backendRefs: [{ name: "reviews", port: 9080 }] }] },
  },
  {
    apiVersion: "v1",
    kind: "Secret",
    metadata: { name: "weft-ca", namespace: "istio-system" },
    data: { "key.pem": key },
  },
  {
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: { name: "weft-ca-root-cert", namespace: "default" },
    data: { "root-cert.pem": "-----BEGIN CERTIFICATE-----\n" },
  },
  {
    apiVersion: "v1",
    kind: "Pod",
    metadata: {
      name: "reviews",
      namespace: "default",
      labels: { "security.istio.io/tlsMode": "istio" },
      annotations: { "sidecar.istio.io/status": '{"revision":"default"}' },
    },
    spec: { containers: [{ name: "app", image: "app" }], serviceAccountName: "default" },
  },
];
const userNames = [
  "VirtualService default/reviews",
  "DestinationRule default/reviews",
  "HTTPRoute default/reviews",
  "Pod default/reviews",
];
