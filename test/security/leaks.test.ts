import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { fromBinary } from "@bufbuild/protobuf";
import { afterAll, beforeAll, expect, test } from "vitest";
import { askAdmin } from "../../src/agent/admin.ts";
import { configTypes, type ProxySummary } from "../../src/api/cli-contract.ts";
import type { ConfigObject } from "../../src/api/contract/config.ts";
import type { ConfigType } from "../../src/api/contract/proxy-config.ts";
import { redactText } from "../../src/cli/bug-report/redact.ts";
import { SecretSchema } from "../../src/gen/envoy/extensions/transport_sockets/tls/v3/secret_pb.js";
import { runFolderOf } from "../../src/host/run-folder.ts";
import { TYPE } from "../../src/xds/type-url.ts";
import { ask, until } from "../e2e/ask.ts";
import { openDelta } from "../e2e/delta-client.ts";
import { Product } from "../e2e/product.ts";
import { signedRequest } from "./requests.ts";

// Every key of a running mesh, and everything that it says: logs, answers, dumps, arguments of processes, history. None of the first is in the second.

const product = new Product({ port: 29_240 });
const tokenInUse = "canary-bearer-token-0123456789abcdef";

/** What must not be found, by what it is. */
const keys = new Map<string, string>();
/** What was said, by where. */
const said = new Map<string, string>();

const run = (name: string) => `apiVersion: apps/v1
kind: Deployment
metadata: {name: ${name}, namespace: default}
spec:
  selector: {matchLabels: {app: ${name}}}
  template:
    metadata:
      labels: {app: ${name}}
      annotations: {weft.dev/run: "node server.cjs"}
    spec: {serviceAccountName: ${name}, containers: [{name: app, image: none, ports: [{containerPort: 8080}], env: [{name: POD_IP, valueFrom: {fieldRef: {fieldPath: status.podIP}}}]}]}
---
apiVersion: v1
kind: Service
metadata: {name: ${name}, namespace: default}
spec: {selector: {app: ${name}}, ports: [{name: http, port: 80, targetPort: 8080}]}
---
`;

const gateway = (certificate: string, key: string) => `apiVersion: v1
kind: Secret
metadata: {name: shop, namespace: istio-system}
type: kubernetes.io/tls
data: {tls.crt: ${Buffer.from(certificate).toString("base64")}, tls.key: ${Buffer.from(key).toString("base64")}}
---
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: {name: shop, namespace: istio-system}
spec:
  selector: {istio: ingressgateway}
  servers:
  - {port: {number: 8080, name: http, protocol: HTTP}, hosts: ["*"]}
  - {port: {number: 8443, name: https, protocol: HTTPS}, tls: {mode: SIMPLE, credentialName: shop}, hosts: ["*"]}
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: shop, namespace: istio-system}
spec:
  hosts: ["*"]
  gateways: [shop]
  http: [{route: [{destination: {host: shop.default.svc.cluster.local, port: {number: 80}}}]}]
`;

beforeAll(async () => {
  const key = execFileSync("openssl", ["genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"], {
    encoding: "utf8",
  });
  const keyFile = product.write("gateway-key.pem", key);
  const args = ["req", "-x509", "-key", keyFile, "-subj", "/CN=shop.example", "-days", "2"];
  const certificate = execFileSync("openssl", args, { encoding: "utf8" });
  keys.set("the gateway's key", key);
  product.write(
    "mesh/server.cjs",
    "require('node:http').createServer((q,s)=>s.end('shop')).listen(8080,process.env.POD_IP)",
  );
  product.write("mesh/mesh.yaml", run("shop") + gateway(certificate, key));
  const running = product.begin([join(product.dir, "mesh")], ["--name", "bookinfo"]);
  await until("it is up", () => running.output().includes("Ctrl-C stops it"), running.output);
  said.set("weft up", running.output());
  await louder();
  await use();
  await gatherKeys();
  await gatherSaid();
  said.set("weft up, later", running.output());
}, 120_000);

afterAll(() => product.close(), 60_000);

function filesBelow(folder: string): readonly string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((one) =>
    one.isDirectory() ? filesBelow(join(folder, one.name)) : [join(folder, one.name)],
  );
}

const state = () => filesBelow(product.stateDir);

function adminSockets(): readonly string[] {
  return filesBelow(runFolderOf(product.stateDir)).filter((path) => statSync(path).isSocket() && !/keeper/.test(path));
}

/** Has every Envoy log all that it can. */
async function louder(): Promise<void> {
  const sockets = adminSockets();
  expect(sockets.length).toBeGreaterThanOrEqual(2);
  for (const path of sockets) await askAdmin({ path }, "POST", "/logging?level=trace");
}

/** Calls, among them one with a token; new certificates; a request for one that is refused. */
async function use(): Promise<void> {
  const headers = ["-H", `authorization: Bearer ${tokenInUse}`];
  await until("the shop answers", async () => (await ask(product.url("/"))).body === "shop");
  execFileSync("curl", ["-skS", ...headers, `https://127.0.0.1:${product.ports.https}/`]);
  await product.weft("certs", "rotate", "workloads");
  await product.weft("certs", "rotate", "root", "--now");
  await product.run(["certs", "recover", "--new-root"]);
}

async function gatherKeys(): Promise<void> {
  for (const path of state().filter((path) => path.startsWith(join(product.stateDir, "ca")))) {
    const blocks = readFileSync(path, "utf8").match(
      /-----BEGIN [A-Z ]*PRIVATE KEY-----[^-]+-----END [A-Z ]*PRIVATE KEY-----/g,
    );
    for (const [i, pem] of (blocks ?? []).entries()) keys.set(`key ${i} of ${path}`, pem);
  }
  const own = state().filter((path) => /\/pods\/default\/shop-.*\/proxy\//.test(path));
  const token = /eyJ[\w-]+\.[\w-]+\.[\w-]+/.exec(own.map((path) => readFileSync(path, "utf8")).join("\n"))?.[0] ?? "";
  keys.set("a proxy's token", token);
  keys.set("a token of a request", tokenInUse);
  keys.set("a workload's key", await workloadKey(token));
  expect(keys.size).toBeGreaterThanOrEqual(6);
}

/** As the workload's own Envoy is given it. */
async function workloadKey(token: string): Promise<string> {
  const proxy = (await proxies()).find(({ kind }) => kind === "sidecar") as ProxySummary;
  const claims = JSON.parse(Buffer.from(token.split(".")[1] ?? "", "base64url").toString());
  const { range } = JSON.parse(readFileSync(join(product.stateDir, "host.json"), "utf8")) as { range: string };
  const id = `sidecar~${proxy.address}~${claims["kubernetes.io"].pod.name}.default~default.svc.cluster.local`;
  const url = `https://${range.replace(/\.0\/16$/, ".1")}:15012`;
  const ca = readFileSync(join(product.stateDir, "root.pem"), "utf8");
  const metadata = { NAMESPACE: "default", SERVICE_ACCOUNT: "shop", LABELS: { app: "shop" } };
  const client = openDelta({ url, node: { id, metadata }, ca, token });
  try {
    const answer = await client.ask(TYPE.secret, ["default"]);
    const { type } = fromBinary(SecretSchema, answer.resources[0]?.resource?.value ?? new Uint8Array());
    const source = type.case === "tlsCertificate" ? type.value.privateKey?.specifier : undefined;
    if (source?.case === "inlineBytes") return Buffer.from(source.value).toString("utf8");
    return source?.case === "inlineString" ? source.value : "";
  } finally {
    client.close();
  }
}

async function proxies(): Promise<readonly ProxySummary[]> {
  return (await product.api<{ items: readonly ProxySummary[] }>("proxies")).items;
}

async function gatherSaid(): Promise<void> {
  for (const path of state().filter((path) => /\.(log|db|db-wal|json|pem)$/.test(path) && !/\/(ca|proxy)\//.test(path)))
    said.set(path, readFileSync(path, "latin1"));
  const base = `http://127.0.0.1:${product.ports.console}`;
  const paths = [
    "mesh",
    "workloads",
    "proxies",
    "config",
    "diagnostics",
    "version",
    "certificates?live",
    "traffic",
    "graph",
  ];
  const objects = await product.api<readonly ConfigObject[]>("config");
  paths.push(...objects.map(({ type, namespace, name }) => `config/${type}/${namespace || "-"}/${name}`));
  for (const { id } of await proxies())
    for (const type of configTypes satisfies readonly ConfigType[])
      for (const source of ["sent", "envoy"]) paths.push(`proxies/${id}/config/${type}?source=${source}`);
  for (const path of paths) said.set(`API ${path}`, (await ask(`${base}/api/v1/${path}`)).body);
  said.set("/metrics", (await ask(`${base}/metrics`)).body);
  for (const args of [
    ["get", "secrets", "-A", "-o", "yaml"],
    ["certs", "-o", "yaml"],
    ["pc", "all", "shop", "-o", "json"],
    ["status", "-o", "json"],
  ])
    said.set(`weft ${args.join(" ")}`, Object.values(await product.run(args)).join("\n"));
  for (const path of adminSockets())
    for (const what of ["/config_dump?include_eds", "/certs", "/stats", "/server_info"])
      said.set(`Envoy ${path} ${what}`, (await askAdmin({ path }, "GET", what)).body);
  for (const pid of readdirSync("/proc").filter((name) => /^\d+$/.test(name)))
    said.set(`arguments of process ${pid}`, argumentsOf(pid));
}

function argumentsOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "latin1");
  } catch {
    return "";
  }
}

/** Parts of a key that are long enough to be it alone: as it is, and encoded once more. */
function needles(secret: string): readonly string[] {
  const body = secret.replace(/-----[^-]+-----|\s/g, "");
  const again = Buffer.from(secret).toString("base64");
  // Of a P-256 key in PKCS #8 the first 48 characters are the same for all; of a token those of its header.
  const parts = (text: string, from: number) => text.slice(from).match(/.{32}/g) ?? [];
  return [...parts(body, secret.includes("PRIVATE KEY") ? 48 : secret.length > 200 ? 120 : 0), ...parts(again, 110)];
}

test("what is looked for would be found", () => {
  const all = [...keys].map(([name, secret]) => [name, needles(secret).length] as const);
  for (const [name, count] of all) expect(count, name).toBeGreaterThanOrEqual(1);
  // The Secret's own file does hold the gateway's key.
  const file = readFileSync(join(product.dir, "mesh/mesh.yaml"), "utf8");
  expect(needles(keys.get("the gateway's key") ?? "").some((needle) => file.includes(needle))).toBe(true);
  expect(said.size).toBeGreaterThan(60);
  expect([...said].filter(([name, text]) => /proxy\.log$/.test(name) && text.length > 10_000).length).toBeGreaterThan(
    0,
  );
});

test("no key and no token is in a log, an answer, a dump, a history, a metric or an argument", () => {
  const found = [...said].flatMap(([where, text]) =>
    [...keys]
      .filter(([, secret]) => needles(secret).some((needle) => text.includes(needle)))
      .map(([name]) => `${name}: ${where}`),
  );
  // At level trace Envoy writes the headers of requests into its own log; bug-report takes them out, as the next test has it.
  expect(found.filter((one) => !/^a token of a request: .*proxy\.log$/.test(one))).toEqual([]);
});

test("what bug-report would take of these texts holds none either", async () => {
  const { keyPem } = await signedRequest();
  const everything = [...said.values(), ...keys.values(), keyPem, Buffer.from(keyPem).toString("base64")]
    .map((text) => redactText(text))
    .join("\n");
  for (const [name, secret] of [...keys].filter(([name]) => name !== "a token of a request"))
    expect(
      needles(secret).filter((needle) => everything.includes(needle)),
      name,
    ).toEqual([]);
  expect(redactText(`authorization: Bearer ${tokenInUse}`)).not.toContain(tokenInUse);
});
