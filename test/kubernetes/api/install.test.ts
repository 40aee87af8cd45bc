import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { runIt } from "../../../src/cli/cli.fixture.ts";
import { type OwnApiServer, ownApiServer } from "../api-server.ts";
import { noApiServer } from "../shared.ts";
import { changed, snapshot } from "./install-bed.ts";

describe.skipIf(noApiServer())("weft install on an API server", { timeout: 180_000 }, () => {
  let api: OwnApiServer;
  let folder: string;
  const weft = (...args: readonly string[]) => runIt([...args, "--kubeconfig", api.kubeconfig, "--timeout=90s"]);

  beforeAll(async () => {
    api = await ownApiServer();
    folder = mkdtempSync(join(tmpdir(), "weft-install-"));
  });
  afterAll(async () => {
    await api?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  test("a dry run by the server and a difference change nothing on an empty cluster", async () => {
    const before = await snapshot(api);
    const dry = await weft("install", "--dry-run=server");
    expect(dry).toMatchObject({ code: 0, out: "" });
    expect(dry.err).toContain("definitions of kinds  28 created");
    const diff = await weft("install", "--diff");
    expect(diff.code).toBe(0);
    expect(diff.out).toContain("+++ Deployment istio-system/weft\n");
    expect(changed(before, await snapshot(api))).toEqual([]);
  });

  test("the first creates everything, the second changes nothing, kubectl sees no difference", async () => {
    const first = await weft("install");
    expect(first.err).toContain("control plane         15 created");
    expect(first.code).toBe(0);
    const before = await snapshot(api);
    const second = await weft("install");
    expect(second.err).not.toMatch(/created|changed,|\d changed/);
    expect(changed(before, await snapshot(api))).toEqual([]);
    const { out } = await weft("install", "--dry-run=client");
    const file = join(folder, "weft.yaml");
    writeFileSync(file, out);
    // Rejects where it finds a difference.
    await api.kubectl(["diff", "--server-side", "--field-manager=weft-install", "-f", file]);
  });

  test("an upgrade changes what it says and takes away what is no longer there", async () => {
    const values = ["--set", "controlPlane.replicas=3,controlPlane.podDisruptionBudget.enabled=false"];
    const shown = await weft("install", "--diff", ...values);
    expect(shown.out).toContain("-  replicas: 2\n+  replicas: 3\n");
    expect(shown.out).toContain("--- PodDisruptionBudget istio-system/weft\n+++ /dev/null\n");
    const upgraded = await weft("install", ...values);
    expect(upgraded.err).toContain("removed PodDisruptionBudget istio-system/weft");
    const deployment = JSON.parse(await api.kubectl(["get", "deploy", "weft", "-n", "istio-system", "-o", "json"]));
    expect(deployment.spec.replicas).toBe(3);
    expect(await api.kubectl(["get", "pdb", "-A"])).toBe("");
    expect((await weft("install")).err).toContain("1 created, 1 changed");
  });

  test("what the control plane fills in stays: caBundle", async () => {
    const patch = [{ op: "add", path: "/webhooks/0/clientConfig/caBundle", value: bundle }];
    const webhook = "mutatingwebhookconfiguration/weft-sidecar-injector";
    await api.kubectl(["patch", webhook, "--type=json", "--field-manager=weft", "-p", JSON.stringify(patch)]);
    await weft("install", "--set", "webhooks.timeoutSeconds=5");
    const { webhooks } = JSON.parse(await api.kubectl(["get", webhook, "-o", "json"]));
    expect(webhooks[0]).toMatchObject({ timeoutSeconds: 5, clientConfig: { caBundle: bundle } });
    await weft("install");
  });

  test("a second revision stands beside the first and touches nothing of it", async () => {
    const before = await snapshot(api);
    const canary = await weft("install", "--revision", "canary");
    expect(canary.code).toBe(0);
    const after = await snapshot(api);
    const added = changed(before, after);
    for (const name of added) expect(name).toMatch(/canary/);
    expect(added).toContain("Deployment istio-system/weft-canary");
    const shared = await weft("install", "--revision", "canary", "--set", "shared=true");
    expect(shared).toMatchObject({ code: 3 });
    expect(shared.err).toContain("belongs to the release weft\n");
  });

  test("tags: names that move between revisions, kept through installations of both", async () => {
    const tag = (...args: readonly string[]) => weft("tag", ...args);
    expect(await tag("set", "prod", "--revision", "nowhere")).toMatchObject({ code: 4 });
    expect(await tag("set", "canary", "--revision", "default")).toMatchObject({ code: 3 });
    await api.kubectl(["create", "namespace", "shop"]);
    await api.kubectl(["label", "namespace", "shop", "istio.io/rev=prod"]);
    const set = await tag("set", "prod", "--revision", "default");
    expect(set).toMatchObject({
      code: 0,
      err: "tag prod is revision default\nrestart the Pods of shop to move them\n",
    });
    const webhook = "mutatingwebhookconfiguration/weft-revision-tag-prod";
    const service = () => api.kubectl(["get", webhook, "-o", "jsonpath={.webhooks[*].clientConfig.service.name}"]);
    expect(await service()).toBe("weft weft");
    expect((await tag("set", "prod", "--revision", "canary")).code).toBe(0);
    expect(await service()).toBe("weft-canary weft-canary");
    expect(await mayPatch("prod", "weft-canary")).toBe(true);
    expect(await mayPatch("prod", "weft")).toBe(false);
    expect((await weft("install", "--revision", "canary")).err).not.toContain("removed");
    expect((await tag("list")).out).toBe("TAG    REVISION   NAMESPACES\nprod   canary     shop\n");
    expect((await tag("generate", "other", "--revision", "canary")).out).toContain("name: weft-revision-tag-other\n");
    const used = await tag("remove", "prod");
    expect(used.code).toBe(3);
    expect(used.err).toContain("namespaces use prod: shop");
    expect((await tag("remove", "prod", "-y")).code).toBe(0);
    expect((await tag("list")).err).toContain("there are no tags");
    expect(await api.kubectl(["get", "clusterroles", "-l", "istio.io/tag"])).toBe("");
  });

  const mayPatch = async (tag: string, account: string) => {
    const spec = {
      user: `system:serviceaccount:istio-system:${account}`,
      resourceAttributes: {
        ...{ group: "admissionregistration.k8s.io", resource: "mutatingwebhookconfigurations" },
        ...{ verb: "patch", name: `weft-revision-tag-${tag}` },
      },
    };
    const review = { apiVersion: "authorization.k8s.io/v1", kind: "SubjectAccessReview", spec };
    const answer = await api.kubectl(["create", "-f", "-", "-o", "json"], JSON.stringify(review));
    return (JSON.parse(answer) as { readonly status: { readonly allowed: boolean } }).status.allowed;
  };

  test("what does not come up in time is told", async () => {
    const late = await weft("install", "--wait=1ms");
    expect(late.code).toBe(75);
    expect(late.err).toContain("Deployment istio-system/weft is not ready: 0 of 2 replicas available");
  });

  test("who lacks rights is told before anything is changed", async () => {
    const kubeconfig = await api.account({ namespace: "default", name: "nobody", rules: [] });
    const before = await snapshot(api);
    const denied = await runIt(["install", "--kubeconfig", kubeconfig, "--timeout=90s"]);
    expect(denied.code).toBe(5);
    expect(denied.err).toContain("you may not create customresourcedefinitions.apiextensions.k8s.io");
    expect(changed(before, await snapshot(api))).toEqual([]);
  });
});

const bundle = Buffer.from("-----BEGIN CERTIFICATE-----\n").toString("base64");
