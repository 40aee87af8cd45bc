import { deepStrictEqual, match, ok, strictEqual } from "node:assert";
import { afterAll, beforeAll, describe, test } from "vitest";
import type { Access, AccessItem } from "../../src/api/contract.ts";
import { ask, until } from "../e2e/ask.ts";
import { Product, sample } from "../e2e/product.ts";

// What proxies tell of single requests, and what is made of it, on a whole mesh: Bookinfo, a foreign caller with a sidecar, and one without.

const product = new Product({ port: 29_410 });

/** Calls what its folder's file says, again and again, each on a connection of its own; tells the last status. */
const caller = `
import { createServer, get } from "node:http";
let last = "none";
const call = () => {
  const sent = get(process.env.TARGET, { agent: false }, (answer) => { last = String(answer.statusCode); answer.resume(); });
  sent.on("error", (error) => { last = error.code; });
};
setInterval(call, 200);
createServer((_, response) => response.end(last)).listen(8080);
`;

const deployment = (name: string, target: string, annotations: string) => `
apiVersion: v1
kind: ServiceAccount
metadata: {name: ${name}}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: ${name}}
spec:
  selector: {matchLabels: {app: ${name}}}
  template:
    metadata: {labels: {app: ${name}}, annotations: {weft.dev/run: "node caller.mjs"${annotations}}}
    spec:
      serviceAccountName: ${name}
      containers: [{name: app, ports: [{containerPort: 8080}], env: [{name: TARGET, value: "${target}"}]}]
`;

const entries = async (query = "") => (await product.api<Access>(`access${query}`)).entries;
const find = (all: readonly AccessItem[], what: AccessItem["what"], workload: string) =>
  all.filter((e) => e.what === what && e.destination.workload === workload);

beforeAll(async () => {
  product.write("mesh/caller.mjs", caller);
  product.write("mesh/foreign.yaml", deployment("foreign", "http://details:9080/details/0", ""));
  product.write("mesh/plain.yaml", deployment("plain", "http://ratings:9080/ratings/7", ', sidecar.istio.io/inject: "false"'));
  await product.up([sample, `${product.dir}/mesh`]);
}, 240_000);
afterAll(() => product.close(), 60_000);

describe("records", () => {
  test("a caller in plaintext is told with its workload, as it calls", async () => {
    await until("it is told", async () => find(await entries(), "plaintext", "ratings-v1").length > 0);
    const [told] = find(await entries(), "plaintext", "ratings-v1");
    deepStrictEqual([told?.source.workload, told?.source.identity, told?.port], ["default/plain", undefined, 9080]);
  });

  test("ordinary requests over mutual TLS are not told", async () => {
    strictEqual((await ask(product.page)).status, 200);
    deepStrictEqual(find(await entries(), "call", "reviews-v1"), []);
  });

  test("a denial is told with who, what, and by which line of which policy", async () => {
    const file = product.write(
      "denies.yaml",
      `apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: no-foreigners}
spec:
  selector: {matchLabels: {app: details}}
  action: DENY
  rules:
  - to: [{operation: {methods: [DELETE]}}]
  - from: [{source: {principals: ["cluster.local/ns/default/sa/foreign"]}}]
`,
    );
    await product.weft("apply", "-f", file, "--wait");
    await until("it is told", async () => find(await entries(), "denied", "details-v1").length > 0);
    const [told] = find(await entries("?namespace=default&workload=details-v1"), "denied", "details-v1");
    strictEqual(told?.source.identity, "spiffe://cluster.local/ns/default/sa/foreign");
    deepStrictEqual([told?.method, told?.path, told?.code, told?.port], ["GET", "/details/{*}", undefined, 9080]);
    deepStrictEqual([told?.policy?.namespace, told?.policy?.name, told?.policy?.rule], ["default", "no-foreigners", 1]);
    match(told?.policy?.at ?? "", /no-foreigners.*:9:5$|:9:/);
    await product.weft("delete", "AuthorizationPolicy/no-foreigners");
  });
});
ok(true);
