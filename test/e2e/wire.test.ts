import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Workload } from "../../src/api/contract/workloads.ts";
import { TYPE } from "../../src/xds/type-url.ts";
import { ask, until } from "./ask.ts";
import { openDelta } from "./delta-client.ts";
import { isRoot, Product, root, sample } from "./product.ts";

const product = new Product({ port: 29_150 });
const plain = (word: string) => `apiVersion: apps/v1
kind: Deployment
metadata: { name: outsider, namespace: default }
spec:
  selector: { matchLabels: { app: outsider } }
  template:
    metadata:
      labels: { app: outsider, sidecar.istio.io/inject: "false" }
      annotations: { weft.dev/run: "sleep 100000" }
    spec: { containers: [{ name: outsider, image: ${word} }] }
`;

beforeAll(async () => {
  product.write("mesh/outsider.yaml", plain("none"));
  await product.up([sample, join(product.dir, "mesh")]);
}, 120_000);
afterAll(() => product.close(), 60_000);

interface PodRecord {
  readonly name: string;
  readonly workload: string;
  readonly holder: { readonly pid: number };
}

function range(): string {
  return (JSON.parse(readFileSync(join(product.stateDir, "host.json"), "utf8")) as { range: string }).range;
}

function pod(workload: string): PodRecord {
  const { pods } = JSON.parse(readFileSync(join(product.stateDir, "host.json"), "utf8")) as { pods: PodRecord[] };
  const found = pods.find((p) => p.workload === workload);
  if (!found) throw new Error(`${workload} has no Pod: ${JSON.stringify(pods.map((p) => p.workload))}`);
  return found;
}

async function addressOf(workload: string): Promise<string> {
  const all = await product.api<readonly Workload[]>("workloads");
  return all.find((w) => w.name === workload)?.proxies[0]?.address ?? "";
}

/** The command that runs another one where a Pod's application is: as root at once, else by way of the user namespace. */
function inside(workload: string): string[] {
  const { pid } = pod(workload).holder;
  const space = isRoot ? [] : ["-U", "--preserve-credentials"];
  return ["nsenter", "-t", String(pid), ...space, "-n", "-m", "--"];
}

/** What curl in a Pod says of a request: a status, or `000` with the reason. */
function curl(workload: string, url: string): { readonly status: string; readonly complaint: string } {
  const [program, ...args] = inside(workload) as [string, ...string[]];
  const flags = ["-sS", "-o", "/dev/null", "-w", "%{http_code}", "--max-time", "10", "--noproxy", "*", url];
  const { stdout, stderr } = spawnSync(program, [...args, "curl", ...flags], { encoding: "utf8" });
  return { status: stdout, complaint: stderr };
}

/** Captures all that goes over a Pod's eth0 while something is done. */
async function captured(workload: string, during: () => Promise<void>): Promise<Buffer> {
  const [program, ...args] = inside(workload) as [string, ...string[]];
  // The control plane looks after a Pod's health and metrics in plain HTTP, as a kubelet and Prometheus do: that is left out.
  const filter = ["not", "net", `${range().replace(/\.0\/16$/, ".0")}/24`];
  const tcpdump = spawn(program, [...args, "tcpdump", "-i", "eth0", "-s", "0", "-U", "-w", "-", ...filter], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  const parts: Buffer[] = [];
  let words = "";
  tcpdump.stdout.on("data", (part: Buffer) => parts.push(part));
  tcpdump.stderr.on("data", (part: Buffer) => {
    words += String(part);
  });
  await until(
    "tcpdump listens",
    () => words.includes("listening on"),
    () => words,
  );
  const size = () => parts.reduce((n, part) => n + part.length, 0);
  const enough = async () => {
    await during();
    return size() > 10_000;
  };
  await until("packets were seen", enough, () => `${size()} bytes; ${words}`);
  await ended(tcpdump);
  return Buffer.concat(parts);
}

function ended(child: ChildProcess): Promise<void> {
  const gone = new Promise<void>((resolve) => child.on("close", () => resolve()));
  child.kill("SIGINT");
  return gone;
}

/** Words that a request or an answer of the sample has in it. */
const words = [
  "GET /reviews",
  "GET /ratings",
  "/reviews/0",
  "/ratings/0",
  "x-request-id",
  "end-user",
  "HTTP/1.1",
  "Silas Marner",
  "podname",
  "Rainbow Inn",
];

describe("the wire between workloads", () => {
  it.each(["productpage-v1", "reviews-v2", "ratings-v1"])(
    "carries no plaintext at %s",
    { timeout: 120_000 },
    async (workload) => {
      const bytes = await captured(workload, async () => {
        for (let n = 0; n < 20; n++) {
          const { status } = await ask(product.url("/productpage"), { headers: { "end-user": "jason" } });
          expect(status).toBe(200);
        }
      });
      for (const word of words) expect(bytes.includes(word), `${word} on the wire of ${workload}`).toBe(false);
      // TLS application data records: type 23, version 3.3.
      expect(bytes.includes(Buffer.from([0x17, 0x03, 0x03]))).toBe(true);
    },
  );

  it("is seen by the same capture when a caller has no sidecar", { timeout: 120_000 }, async () => {
    const address = await addressOf("details-v1");
    const bytes = await captured("details-v1", async () => {
      for (let n = 0; n < 30; n++) curl("outsider", `http://${address}:9080/details/${n}?in=plaintext`);
    });
    expect(bytes.includes("GET /details/7?in=plaintext")).toBe(true);
  });
});

it("strict mTLS refuses who has no sidecar, and nobody else", { timeout: 120_000 }, async () => {
  const url = `http://${await addressOf("details-v1")}:9080/details/0`;
  // Permissive: heard, and refused by an AuthorizationPolicy, as it has no identity.
  await until("it is heard", () => curl("outsider", url).status === "403");
  const strict = join(root, sample, "exercises", "strict-mtls.yaml");
  await product.weft("apply", "-f", strict, "--wait");
  const refused = curl("outsider", url);
  expect(refused.status).toBe("000");
  expect(refused.complaint).toMatch(/reset|Empty reply|closed/i);
  for (let n = 0; n < 10; n++) {
    const { status, body } = await ask(product.page);
    expect(status).toBe(200);
    expect(body).toContain("details-v1-");
  }
  await product.weft("delete", "-f", strict, "--wait");
  await until("it is heard again", () => curl("outsider", url).status === "403");
});

it("no certificate of another name is taken for a workload's own: each has its ServiceAccount's", async () => {
  const secrets = JSON.parse(await product.weft("proxy-config", "secret", "reviews-v1", "-o", "json")) as unknown;
  expect(JSON.stringify(secrets)).not.toMatch(/PRIVATE KEY/);
  const address = await addressOf("reviews-v1");
  const service = "reviews.default.svc.cluster.local";
  const script = ["openssl", "s_client", "-connect", `${address}:9080`, "-servername", `outbound_.9080_._.${service}`];
  const [program, ...args] = inside("outsider") as [string, ...string[]];
  const { stdout, stderr } = spawnSync(program, [...args, ...script], { encoding: "utf8", input: "" });
  const pem = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/.exec(stdout)?.[0];
  if (pem === undefined) throw new Error(`no certificate was shown: ${stdout}${stderr}`);
  const { X509Certificate } = await import("node:crypto");
  const certificate = new X509Certificate(pem);
  expect(certificate.subjectAltName).toBe("URI:spiffe://cluster.local/ns/default/sa/bookinfo-reviews");
  expect(certificate.publicKey.asymmetricKeyDetails?.namedCurve).toBe("prime256v1");
  const hours = (Date.parse(certificate.validTo) - Date.parse(certificate.validFrom)) / 3_600_000;
  expect(Math.round(hours)).toBe(24);
});

it.runIf(isRoot)("a stream is served what its token's identity may have, and nothing else", async () => {
  const pods = JSON.parse(readFileSync(join(product.stateDir, "host.json"), "utf8")) as { pods: { name: string }[] };
  const nameOf = (workload: string) => pods.pods.find((p) => p.name.startsWith(`${workload}-`))?.name ?? "";
  const tokenOf = (workload: string) => {
    const file = join(product.stateDir, "pods", "default", nameOf(workload), "proxy", "sds-token.json");
    const token = /"inline_string":"([^"]+)"/.exec(readFileSync(file, "utf8"))?.[1];
    if (token === undefined) throw new Error(`${file} has no token`);
    return token;
  };
  const address = range().replace(/\.0\/16$/, ".1");
  const ca = readFileSync(join(product.stateDir, "root.pem"), "utf8");
  const open = async (workload: string, token?: string) => {
    const id = `sidecar~${await addressOf(workload)}~${nameOf(workload)}.default~default.svc.cluster.local`;
    const node = { id, metadata: { NAMESPACE: "default", SERVICE_ACCOUNT: `bookinfo-${workload.split("-")[0]}` } };
    const one = openDelta({ url: `https://${address}:15012`, node, ca, ...(token === undefined ? {} : { token }) });
    return one.ask(TYPE.secret, ["default"]).finally(() => one.close());
  };
  await expect(open("reviews-v1")).rejects.toThrow(/grpc-status 16: /);
  await expect(open("reviews-v1", "not.a.token")).rejects.toThrow(/grpc-status 16: /);
  await expect(open("reviews-v1", tokenOf("details-v1"))).rejects.toThrow(
    /grpc-status (7|16): .*sa\/bookinfo-details may not be served as .*sa\/bookinfo-reviews/,
  );
  const { resources } = await open("details-v1", tokenOf("details-v1"));
  expect(resources.map((r) => r.name)).toEqual(["default"]);
});
