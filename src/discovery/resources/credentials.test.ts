import { deepStrictEqual, ok, strictEqual } from "node:assert";
import { fromBinary } from "@bufbuild/protobuf";
import { test } from "vitest";
import { SecretSchema } from "../../gen/envoy/extensions/transport_sockets/tls/v3/secret_pb.js";
import type { Proxy as MeshProxy } from "../../model/proxy.ts";
import type { Resource } from "../../model/resource.ts";
import { apply, empty } from "../../model/snapshot.ts";
import { types } from "../../model/types.ts";
import { Tracker } from "../../track/tracker.ts";
import { bothSecrets, credentialSet, credentialsKey } from "./credentials.ts";

const at = { file: "t.yaml", line: 1, column: 1 };

function object(type: string, namespace: string, name: string, more: Partial<Resource>): Resource {
  const origin = { ...at, at: `${namespace}/${name}.yaml:1:1`, locate: () => at };
  const base = { type, namespace, name, apiVersion: "v1", labels: {}, annotations: {}, createdAt: 0, generation: 1 };
  return Object.freeze({ ...base, spec: {}, origin, ...more });
}

const base64 = (fields: Readonly<Record<string, string>>) =>
  Object.fromEntries(Object.entries(fields).map(([key, value]) => [key, btoa(value)]));
const secret = (namespace: string, name: string, fields: Readonly<Record<string, string>>) =>
  object(types.Secret, namespace, name, { data: { data: base64(fields) } });
const pair = { "tls.crt": "chain", "tls.key": "key" };

const router = {
  kind: "router",
  name: "front",
  namespace: "edge",
  labels: { istio: "ingressgateway" },
  identity: { trustDomain: "cluster.local", namespace: "edge", serviceAccount: "gateway" },
} as unknown as MeshProxy;

/** Name → what it holds, for a router whose gateway has these TLS settings. */
function served(tls: object, ...objects: readonly Resource[]): Readonly<Record<string, unknown>> {
  const port = { number: 443, name: "https", protocol: "HTTPS" };
  const spec = { selector: { istio: "ingressgateway" }, servers: [{ port, hosts: ["*"], tls }] };
  const all = [object(types.Gateway, "elsewhere", "front", { spec }), ...objects];
  const changes = all.map((put) => ({ put }));
  const set = new Tracker(apply(empty, changes)).ask(credentialSet, credentialsKey(router) as string);
  return Object.fromEntries(
    [...set.resources].map(([name, resource]) => {
      const { type } = fromBinary(SecretSchema, resource.body);
      const text = (source: { specifier: { value?: unknown } } | undefined) =>
        source === undefined ? undefined : Buffer.from(source.specifier.value as Uint8Array).toString();
      if (type.case === "tlsCertificate")
        return [name, [text(type.value.certificateChain), text(type.value.privateKey)]];
      return [name, type.case === "validationContext" ? text(type.value.trustedCa) : undefined];
    }),
  );
}

test("a kubectl tls Secret and a generic one", () => {
  const simple = { mode: "SIMPLE", credentialName: "shop" };
  deepStrictEqual(served(simple, secret("edge", "shop", pair)), { "kubernetes://shop": ["chain", "key"] });
  deepStrictEqual(served(simple, secret("edge", "shop", { cert: "c", key: "k" })), { "kubernetes://shop": ["c", "k"] });
});

test("roots come from the Secret of the suffix, else from the Secret itself, else from a ConfigMap", () => {
  const mutual = { mode: "MUTUAL", credentialName: "shop" };
  const whole = secret("edge", "shop", { ...pair, "ca.crt": "own" });
  strictEqual(served(mutual, whole)["kubernetes://shop-cacert"], "own");
  const suffixed = secret("edge", "shop-cacert", { cacert: "apart" });
  strictEqual(served(mutual, whole, suffixed)["kubernetes://shop-cacert"], "apart");
  const named = { ...mutual, caCertCredentialName: "roots" };
  const map = object(types.ConfigMap, "edge", "roots", { data: { data: { "ca.crt": "of a map" } } });
  const found = served(named, secret("edge", "shop", pair), map);
  deepStrictEqual(found, { "kubernetes://roots-cacert": "of a map", "kubernetes://shop": ["chain", "key"] });
});

test("neither what another namespace holds, nor what no gateway names", () => {
  const simple = { mode: "SIMPLE", credentialName: "shop" };
  deepStrictEqual(served(simple, secret("elsewhere", "shop", pair), secret("edge", "other", pair)), {});
  deepStrictEqual(served({ mode: "PASSTHROUGH", credentialName: "shop" }, secret("edge", "shop", pair)), {});
});

const pod = (name: string, serviceAccountName: string, labels: Readonly<Record<string, string>> = router.labels) =>
  object(types.Pod, "edge", name, { labels, spec: { serviceAccountName } });

test("a gateway's key is for the Pod that is it, and not for who says that it is", () => {
  const simple = { mode: "MUTUAL", credentialName: "shop" };
  const held = [secret("edge", "shop", { ...pair, "ca.crt": "roots" })];
  const roots = { "kubernetes://shop-cacert": "roots" };
  const all = { ...roots, "kubernetes://shop": ["chain", "key"] };
  deepStrictEqual(served(simple, ...held, pod("front", "gateway")), all);
  deepStrictEqual(served(simple, ...held, pod("front", "gateway", { app: "other" })), {}, "labels of another");
  deepStrictEqual(served(simple, ...held, pod("front", "thief")), roots, "the name of another's Pod");
  deepStrictEqual(served(simple, ...held, pod("other", "gateway")), roots, "a Pod that is not there");
});

test("a machine that joined has the labels of its WorkloadEntry", () => {
  const simple = { mode: "SIMPLE", credentialName: "shop" };
  const entry = (serviceAccount: string) =>
    object(types.WorkloadEntry, "edge", "vm", { spec: { address: "10.1.1.1", labels: router.labels, serviceAccount } });
  const objects = [secret("edge", "shop", pair), pod("other", "gateway")];
  deepStrictEqual(served(simple, ...objects, entry("gateway")), { "kubernetes://shop": ["chain", "key"] });
  deepStrictEqual(served(simple, ...objects, entry("thief")), {});
});

test("a proxy that nobody vouched for has no key", () => {
  const { identity: _, ...unknown } = router;
  strictEqual(credentialsKey(unknown as MeshProxy), undefined);
});

test("the same two sets make the same one, in which the mesh's own secrets win", () => {
  const resource = (name: string, version: string) => ({ name, version, body: new Uint8Array(), origins: [] });
  const own = { resources: new Map([["default", resource("default", "own")]]) };
  const named = { resources: new Map([["default", resource("default", "named")]]) };
  strictEqual(bothSecrets(own, named), bothSecrets(own, named));
  strictEqual(bothSecrets(own, named)?.resources.get("default")?.version, "own");
  strictEqual(bothSecrets(own, { resources: new Map() }), own);
  ok(bothSecrets(undefined, named) === named);
});
