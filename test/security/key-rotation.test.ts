import { deepStrictEqual, strictEqual } from "node:assert";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, test } from "vitest";
import { parseAllDocuments } from "yaml";
import type { KubeObject } from "../behaviour/table/format.ts";
import { Issuers } from "../behaviour/table/issuers.ts";
import type { Order } from "../behaviour/table/mesh/wire.ts";
import { TableMesh } from "../behaviour/table/mesh.ts";

// An issuer of the mesh takes a new key into use at once. Proxies tell of the first token that fits no key, and its keys are asked for again in half a
// minute, not in twenty.

const issuers = new Issuers();
const issuer = join(import.meta.dirname, "../behaviour/table/mesh/issuer.mjs");
let mesh: TableMesh;

const objects = (key: string): readonly KubeObject[] =>
  parseAllDocuments(`
apiVersion: v1
kind: Service
metadata: {name: issuer, namespace: other}
spec: {selector: {app: issuer}, ports: [{name: http, port: 80, targetPort: 8080}]}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: issuer, namespace: other}
spec:
  selector: {matchLabels: {app: issuer}}
  template:
    metadata: {labels: {app: issuer}, annotations: {weft.dev/run: "node ${issuer}"}}
    spec: {containers: [{name: app, env: [{name: KEYS, value: '${issuers.keysOf(key)}'}], ports: [{containerPort: 8080}]}]}
---
apiVersion: security.istio.io/v1
kind: RequestAuthentication
metadata: {name: echo}
spec: {selector: {matchLabels: {app: echo}}, jwtRules: [{issuer: shop, jwksUri: "http://issuer.other/keys"}, {issuer: test, jwks: '${issuers.keysOf("test")}'}]}`).map(
    (document) => document.toJS() as KubeObject,
  );

const by = async (key: string) => {
  const headers = { authorization: `Bearer ${issuers.token(`${key} iss=shop sub=ann`)}` };
  const order: Order = { url: "http://echo/", method: "GET", headers, timeout: 5000, messages: 1, keep: false };
  const [answer] = await mesh.call("client", order, 1, 1);
  return answer?.status;
};
const until = async (key: string, status: number) => {
  while ((await by(key)) !== status) await new Promise((next) => setTimeout(next, 500));
};

beforeAll(async () => {
  strictEqual(readFileSync(issuer, "utf8").includes("KEYS"), true);
  mesh = await TableMesh.start();
});
afterAll(() => mesh?.stop());

test("tokens by the new key pass soon after the first one was refused, and those by the old one no more", async () => {
  await mesh.change([], objects("old"));
  await until("old", 200);
  await mesh.change([], objects("new"));
  deepStrictEqual([await by("old"), await by("new")], [200, 401]);
  await until("new", 200);
  strictEqual(await by("old"), 401);
}, 120_000);
