import { deepStrictEqual, match, strictEqual } from "node:assert";
import { afterAll, beforeAll, describe, test } from "vitest";
import type { Access, AccessItem } from "../../src/api/contract/access.ts";
import type { Workload } from "../../src/api/contract/workloads.ts";
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

/** Of a Pod without a sidecar. */
const without = ', sidecar.istio.io/inject: "false"';

beforeAll(async () => {
  product.write("mesh/caller.mjs", caller);
  product.write("mesh/foreign.yaml", deployment("foreign", "http://details:9080/details/0", ""));
  product.write("mesh/plain.yaml", deployment("plain", "http://ratings:9080/ratings/7", without));
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
    const byPolicy = async () =>
      find(await entries("?namespace=default&workload=details-v1"), "denied", "details-v1").filter((e) => e.policy);
    await until("it is told", async () => (await byPolicy()).length > 0);
    const [told] = await byPolicy();
    strictEqual(told?.source.identity, "spiffe://cluster.local/ns/default/sa/foreign");
    deepStrictEqual([told?.method, told?.path, told?.code, told?.port], ["GET", "/details/{*}", undefined, 9080]);
    deepStrictEqual([told?.policy?.namespace, told?.policy?.name, told?.policy?.rule], ["default", "no-foreigners", 1]);
    match(told?.policy?.at ?? "", /no-foreigners\.yaml:9:5$/);
    await product.weft("delete", "AuthorizationPolicy/no-foreigners");
  });
});

/** Bookinfo's page, until each version of reviews answered. */
async function usePage(): Promise<void> {
  const seen = new Set<string>();
  await until("each version of reviews has answered", async () => {
    const { status, body } = await ask(product.page);
    strictEqual(status, 200);
    const version = /reviews-(v\d)/.exec(body)?.[1];
    if (version !== undefined) seen.add(version);
    return seen.size === 3;
  });
}

test("weft policy check answers by what the proxy has", async () => {
  const allowed = await product.weft("policy", "check", "productpage-v1", "details:9080", "GET", "/details/0");
  match(allowed, /^allowed: default\/details rule 0 \(\S*authorization\.yaml:\d+:\d+\)\n/);
  const denied = await product.run(["policy", "check", "foreign", "details:9080", "GET", "/details/0"]);
  strictEqual(denied.status, 2);
  match(denied.stdout, /^denied: none of the policies that allow matches\n/);
  match(denied.stdout, /not ALLOW default\/details rule 0 .*: the caller is not /);
});

describe("policies learned from traffic", () => {
  test("what was observed is allowed, in a dry run and enforced, and nothing else", { timeout: 240_000 }, async () => {
    await product.weft("delete", "-f", `${product.dir}/mesh/foreign.yaml`, "-f", `${product.dir}/mesh/plain.yaml`);
    // One that still calls as it ends would be learned.
    const running = async () => (await product.api<readonly Workload[]>("workloads")).map(({ name }) => name);
    await until("nobody foreign runs", async () => {
      const names = await running();
      return names.includes("details-v1") && !names.includes("foreign") && !names.includes("plain");
    });
    await product.weft("delete", "-f", `${sample}/policy/authorization.yaml`, "--wait");
    await product.weft("policy", "learn", "default", "--start");
    await usePage();
    const folder = `${product.dir}/learned`;
    await until("all of it is told", async () => {
      const { status } = await product.run(["policy", "learn", "default", "-o", folder]);
      const told = new Set((await entries()).filter((e) => e.what === "call").map((e) => e.destination.workload));
      return status === 0 && ["details-v1", "ratings-v1", "reviews-v2", "reviews-v3"].every((w) => told.has(w));
    });
    const text = await product.weft("policy", "learn", "default/details-v1");
    match(text, /istio.io\/dry-run: "true"/);
    match(text, /- cluster.local\/ns\/default\/sa\/bookinfo-productpage\n/);
    match(text, /- \/details\/\{\*\}\n/);
    await product.weft("apply", "-f", folder, "--wait");
    await usePage();
    deepStrictEqual(
      (await entries()).filter((e) => e.what === "dry-run"),
      [],
    );
    await product.weft("policy", "learn", "default", "--enforce", "-o", folder);
    await product.weft("apply", "-f", folder, "--wait");
    await usePage();
    await product.weft("apply", "-f", `${product.dir}/mesh/foreign.yaml`);
    const since = (await product.api<Access>("access")).now;
    await until("the foreign caller is refused", async () =>
      find(await entries(), "denied", "details-v1").some((e) => e.last > since && e.policy === undefined),
    );
    await product.weft("policy", "learn", "default", "--stop");
  });
});

describe("strict", () => {
  test("a plaintext caller holds it back; when that is gone, only mutual TLS is taken", {
    timeout: 240_000,
  }, async () => {
    product.write("later/caller.mjs", caller);
    product.write("later/old.yaml", deployment("old", "http://ratings:9080/ratings/7", without));
    await product.weft("apply", "-f", `${product.dir}/later/old.yaml`);
    const begun = (await product.api<Access>("access")).now;
    await until("it is told", async () =>
      find(await entries(), "plaintext", "ratings-v1").some((e) => e.last > begun + 1000),
    );
    const checked = await product.run(["strict", "default", "--check"]);
    strictEqual(checked.status, 2);
    match(checked.stdout, /default\/old \([\d.]+\) +default\/ratings-v1:9080/);
    const refused = await product.run(["strict", "default"]);
    strictEqual(refused.status, 2);
    match(refused.stderr, /nothing is changed/);
    const waiting = product.start(["strict", "default", "--when-clean", "12s"]);
    await until("it says whom it waits for", () => waiting.output().includes("waiting for default/old"));
    strictEqual(waiting.child.exitCode, null);
    await product.weft("delete", "-f", `${product.dir}/later/old.yaml`);
    strictEqual(await waiting.ended, 0, waiting.output());
    match(waiting.output(), /peerauthentication\S+\/default (created|configured)/);
    strictEqual((await ask(product.page)).status, 200);
    await product.weft("apply", "-f", `${product.dir}/later/old.yaml`);
    const checked2 = await product.run(["policy", "check", "anonymous", "ratings:9080", "GET", "/ratings/7"]);
    match(checked2.stdout, /^denied: only mutual TLS is taken there/);
    await until("plaintext is refused", async () => find(await entries(), "unmatched", "ratings-v1").length > 0);
  });
});
