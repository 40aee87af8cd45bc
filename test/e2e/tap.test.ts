import { deepStrictEqual, match, ok, strictEqual } from "node:assert";
import { afterAll, afterEach, beforeAll, test } from "vitest";
import type { TapRequest } from "../../src/api/contract/tap.ts";
import { ask, until } from "./ask.ts";
import { Product, type Running, sample } from "./product.ts";

// Requests watched on a whole mesh: Bookinfo, with a policy that refuses one caller.

const product = new Product({ port: 29_610 });
let running: Running | undefined;

const policy = `apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: no-logouts}
spec:
  selector: {matchLabels: {app: productpage}}
  action: DENY
  rules: [{to: [{operation: {paths: ["/logout*"]}}]}]
`;

beforeAll(async () => {
  product.write("mesh/policy.yaml", policy);
  await product.up([sample, `${product.dir}/mesh`]);
}, 240_000);
afterEach(() => {
  running?.child.kill("SIGINT");
});
afterAll(() => product.close(), 60_000);

/** `weft tap` with this, once it says that proxies tell; what it has shown so far. */
async function tap(...args: string[]): Promise<() => readonly TapRequest[]> {
  const started = product.start(["tap", ...args, "-o", "json"]);
  running = started;
  await until("proxies tell", () => /proxy tells|proxies tell/.test(started.output()), started.output);
  const lines = () => started.output().split("\n");
  return () => lines().flatMap((line) => (line.startsWith("{") ? [JSON.parse(line) as TapRequest] : []));
}

/** Asks again and again until what is watched for was seen: the first request may come before the proxy was told. */
async function seen(path: string, headers: Record<string, string>, shown: () => readonly TapRequest[]): Promise<void> {
  await until("it is seen", async () => {
    await ask(product.url(path), { headers });
    return shown().length > 0;
  });
}

test("requests of an app are seen with caller, answer and time, and the values of a query are not", async () => {
  const shown = await tap("productpage");
  await seen("/productpage?u=normal&token=hunter2", {}, shown);
  const [first] = shown();
  ok(first !== undefined);
  const { source, destination, method, path, query, code, protocol, mtls, verdict, port } = first;
  deepStrictEqual(
    [destination.namespace, destination.workload, destination.app, port],
    ["default", "productpage-v1", "productpage", 9080],
  );
  match(source.identity ?? "", /\/ns\/istio-system\/sa\/istio-ingressgateway/);
  strictEqual(source.workload, "istio-system/istio-ingressgateway");
  deepStrictEqual(
    [method, path, query, code, protocol, mtls, verdict],
    ["GET", "/productpage", ["u", "token"], 200, "http", true, "allowed"],
  );
  ok((first.durationMs ?? 0) > 0);
  ok(!JSON.stringify(shown()).includes("hunter2"));
});

test("method, path, status, header and caller choose; others are not shown", async () => {
  const wanted = ["--method", "GET", "--path", "/productpage", "--status", "2xx", "--header", "end-user=jas*"];
  const shown = await tap("default/productpage-v1", ...wanted, "--from", "istio-ingressgateway");
  for (let i = 0; i < 5; i++) {
    await ask(product.url("/productpage"));
    await ask(product.url("/login"), { headers: { "end-user": "jason" } });
  }
  await seen("/productpage", { "end-user": "jason" }, shown);
  const before = shown().length;
  await ask(product.url("/productpage"), { headers: { "end-user": "anna" } });
  await seen("/productpage", { "end-user": "jason" }, () => shown().slice(before));
  for (const { path, code } of shown()) deepStrictEqual([path, code], ["/productpage", 200]);
});

test("what a policy refused is shown with its rule and where that is written", async () => {
  const shown = await tap("--verdict", "denied");
  await seen("/logout", {}, () => shown().filter(({ path }) => path === "/logout"));
  const [first] = shown();
  deepStrictEqual(
    [first?.code, first?.verdict, first?.policy?.name, first?.policy?.rule],
    [403, "denied", "no-logouts", 0],
  );
  match(first?.policy?.at ?? "", /policy\.yaml:7/);
});

test("what was refused is kept, and shown afterwards", async () => {
  await until("it is kept", async () => {
    await ask(product.url("/logout"));
    return (await product.weft("tap", "productpage", "--since", "10m", "--verdict", "denied")).includes("no-logouts");
  });
  const kept = await product.weft("tap", "--since", "10m", "-o", "json");
  for (const line of kept.trim().split("\n")) match(line, /^\{"at":\d+/);
  deepStrictEqual(await product.weft("tap", "ratings", "--since", "10m", "--verdict", "denied"), "");
});

test("who watches leaves the listener, and so every connection, as it is; afterwards nothing is left of it", async () => {
  const listeners = () => product.weft("proxy-config", "listener", "deploy/productpage-v1", "-o", "json");
  const told = () => product.weft("proxy-config", "all", "deploy/productpage-v1", "-o", "json");
  const before = await listeners();
  const shown = await tap("productpage");
  await seen("/productpage", {}, shown);
  strictEqual(await listeners(), before);
  running?.child.kill("SIGINT");
  await running?.ended;
  await until("it is gone", async () => !(await told()).includes("weft.tap"));
});

test("what a header that carries a secret holds is not to be found out", async () => {
  const { status, stderr } = await product.run(["tap", "--header", "authorization=Bearer*"]);
  strictEqual(status, 65);
  match(stderr, /authorization is a secret/);
});
