import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import {
  apply,
  askFromNode,
  askFromPod,
  eventually,
  get,
  kubectl,
  podOf,
  rolledOut,
  serviceAddress,
  weft,
} from "./bed.ts";

// The last of all: it takes the mesh away, and puts it back.

const folder = mkdtempSync(join(tmpdir(), "weft-bundle-"));
const bundle = join(folder, "bundle.yaml");
const kinds = "virtualservices,destinationrules,gateways.networking.istio.io,authorizationpolicies,peerauthentications";
afterAll(() => rmSync(folder, { recursive: true }));

/** What the user said, without what an API server adds to it. */
async function said(): Promise<readonly unknown[]> {
  const { items } = await get<{
    items: readonly { kind: string; metadata: { namespace: string; name: string }; spec: unknown }[];
  }>(kinds, "-A");
  return items.map(({ kind, metadata, spec }) => ({ kind, namespace: metadata.namespace, name: metadata.name, spec }));
}

it("what Helm installed is Weft's own after install --take-ownership, and goes on running", async () => {
  // The upgrade has left it a tag, which the default values do not name.
  await expect(weft("install", "--take-ownership", "-y")).rejects.toThrow(
    /weft-revision-tag-prod[\s\S]*helm get values weft -n istio-system/,
  );
  await weft("install", "--take-ownership", "--set", "revisionTags={prod}", "-y", "--wait=3m");
  const { metadata } = await podOf("default", "app=productpage");
  expect((await askFromPod("default", metadata.name, "http://details:9080/details/0")).status).toBe(200);
});

it("everything goes by --purge; Pods that run keep calling each other by what their proxies were told last", async () => {
  const { metadata } = await podOf("default", "app=productpage");
  const before = await said();
  expect(before.length).toBeGreaterThan(5);
  await weft("uninstall", "--purge", "--with-ca", "--bundle", bundle, "-y");
  expect(await kubectl(["get", "crds", "-o", "name"])).not.toContain("istio.io");
  expect(await kubectl(["get", "deployments", "-n", "istio-system", "-o", "name", "--ignore-not-found"])).not.toContain(
    "weft",
  );
  expect((await askFromPod("default", metadata.name, "http://details:9080/details/0")).status).toBe(200);
  await weft("restore", bundle);
  expect(await said()).toEqual(before);
});

it("what is restored serves again: proxies connect, changes arrive, the page is there", {
  timeout: 400_000,
}, async () => {
  await rolledOut("istio-system", "weft", "istio-ingressgateway");
  const gateway = await serviceAddress("istio-system", "istio-ingressgateway");
  await eventually("the page", async () => (await askFromNode(`http://${gateway}/productpage`)).status === 200);
  const { metadata } = await podOf("default", "app=productpage");
  const http = [{ directResponse: { status: 418 } }];
  await apply([
    {
      apiVersion: "networking.istio.io/v1",
      kind: "VirtualService",
      metadata: { name: "teapot" },
      spec: { hosts: ["ratings"], http },
    },
  ]);
  const asked = async () => (await askFromPod("default", metadata.name, "http://ratings:9080/ratings/0")).status;
  await eventually("a change is in force", async () => (await asked()) === 418);
});
