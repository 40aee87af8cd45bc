import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { apply, askFromNode, eventually, figure, get, kubectl, type Pod, podOf, pods, rolledOut } from "./bed.ts";

const image = { image: "docker.io/weft/bookinfo:latest", imagePullPolicy: "IfNotPresent" };
const node = (program: string) => ({ ...image, command: ["/usr/local/bin/node", "-e", program] });
const namespace = (name: string, labels: object) => ({
  apiVersion: "v1",
  kind: "Namespace",
  metadata: { name, labels },
});

beforeAll(async () => {
  await apply([namespace("workloads", { "istio-injection": "enabled" }), namespace("outside", {})]);
  await apply(
    [
      {
        apiVersion: "security.istio.io/v1",
        kind: "PeerAuthentication",
        metadata: { name: "default" },
        spec: { mtls: { mode: "STRICT" } },
      },
    ],
    "workloads",
  );
  for (const name of ["workloads", "outside"])
    await eventually(`${name} has an account`, async () =>
      (await kubectl(["get", "serviceaccounts", "-n", name])).includes("default"),
    );
});
afterAll(() => kubectl(["delete", "namespace", "workloads", "outside", "--wait=false"]));

/** Ends with 0 if its first request through the mesh, with no second try, is answered by `ratings` of Bookinfo. */
const firstRequest = `fetch("http://reviews.default:9080/health").then(
  (answer) => { console.log(answer.status); process.exit(answer.status === 200 || answer.status === 403 ? 0 : 1); },
  (error) => { console.log(error.cause?.code ?? error.message); process.exit(1); })`;

const jobSpec = (program: string) => ({
  backoffLimit: 0,
  template: { spec: { restartPolicy: "Never", containers: [{ name: "work", ...node(program) }] } },
});

describe("Jobs", () => {
  it("complete with a sidecar, and their first connection succeeds, ten times out of ten", async () => {
    const spec = { ...jobSpec(firstRequest), completions: 10, parallelism: 5 };
    await apply([{ apiVersion: "batch/v1", kind: "Job", metadata: { name: "first-request" }, spec }], "workloads");
    await eventually("the Job ends", async () => {
      const { status } = await get<{ status: { succeeded?: number; failed?: number } }>(
        "job",
        "-n",
        "workloads",
        "first-request",
      );
      if ((status.failed ?? 0) > 0)
        throw new Error(await kubectl(["logs", "-n", "workloads", "-l", "job-name=first-request", "-c", "work"]));
      return status.succeeded === 10;
    });
    const done = await pods("workloads", "job-name=first-request");
    expect(
      done.every(({ spec: { initContainers = [] } }) => initContainers.some(({ name }) => name === "istio-proxy")),
    ).toBe(true);
    await eventually("their sidecars have ended, too", async () =>
      (await pods("workloads", "job-name=first-request")).every(({ status }) => status.phase === "Succeeded"),
    );
  });

  it("that fail are told as failed, not kept by their sidecar", async () => {
    await apply(
      [{ apiVersion: "batch/v1", kind: "Job", metadata: { name: "fails" }, spec: jobSpec("process.exit(3)") }],
      "workloads",
    );
    await eventually("it has failed", async () => {
      const { status } = await get<{ status: { failed?: number } }>("job", "-n", "workloads", "fails");
      return status.failed === 1;
    });
    await eventually(
      "so has its Pod",
      async () => (await pods("workloads", "job-name=fails"))[0]?.status.phase === "Failed",
    );
  });

  it("of a CronJob complete", async () => {
    const spec = { schedule: "0 0 1 1 *", jobTemplate: { spec: jobSpec(firstRequest) } };
    await apply([{ apiVersion: "batch/v1", kind: "CronJob", metadata: { name: "yearly" }, spec }], "workloads");
    await kubectl(["create", "job", "-n", "workloads", "this-year", "--from=cronjob/yearly"]);
    await kubectl(["wait", "-n", "workloads", "--for=condition=Complete", "job/this-year", "--timeout=90s"]);
  });
});

const http = `require("http").createServer((q, a) => { a.statusCode = q.url === "/healthz" && q.headers["x-probe"] === "yes" ? 200 : 500; a.end(q.url); }).listen(8000)`;
const tcp = `require("net").createServer((s) => s.end()).listen(9000)`;
// grpc.health.v1.Health/Check: a response of SERVING is the bytes 08 01.
const grpc = `require("http2").createServer().on("stream", (stream, headers) => {
  const known = headers[":path"] === "/grpc.health.v1.Health/Check";
  stream.respond({ ":status": 200, "content-type": "application/grpc" }, { waitForTrailers: true });
  stream.on("wantTrailers", () => stream.sendTrailers({ "grpc-status": known ? "0" : "12" }));
  stream.on("data", () => {});
  stream.on("end", () => stream.end(Buffer.from([0, 0, 0, 0, 2, 8, 1])));
}).listen(9100)`;

describe("probes under mutual TLS only", () => {
  const often = { periodSeconds: 1, timeoutSeconds: 3, failureThreshold: 3 };
  const all = {
    http: [http, { httpGet: { path: "/healthz", port: 8000, httpHeaders: [{ name: "x-probe", value: "yes" }] } }, 8000],
    tcp: [tcp, { tcpSocket: { port: 9000 } }, 9000],
    grpc: [grpc, { grpc: { port: 9100 } }, 9100],
  } as const;
  const deployment = (name: keyof typeof all) => {
    const [program, probe, containerPort] = all[name];
    const each = { ...probe, ...often };
    const container = {
      name: "app",
      ...node(program),
      ports: [{ containerPort }],
      startupProbe: { ...each, failureThreshold: 60 },
      readinessProbe: each,
      livenessProbe: each,
    };
    const labels = { app: `probe-${name}` };
    const spec = {
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: { containers: [container] } },
    };
    return { apiVersion: "apps/v1", kind: "Deployment", metadata: { name: `probe-${name}` }, spec };
  };

  it("HTTP, TCP and gRPC probes are answered, and go on being answered", async () => {
    const names = Object.keys(all) as (keyof typeof all)[];
    await apply(names.map(deployment), "workloads");
    await rolledOut("workloads", ...names.map((name) => `probe-${name}`));
    const begun = Date.now();
    // Longer than the three tries after which a container that does not answer is started again.
    await eventually("they were asked some times more", async () => Date.now() - begun > 8_000);
    for (const name of names) {
      const { status } = await podOf("workloads", `app=probe-${name}`);
      expect(status.containerStatuses).toMatchObject([{ name: "app", ready: true, restartCount: 0 }]);
    }
  });

  it("and they open no door: what is probed is refused in plaintext", async () => {
    const { status } = await podOf("workloads", "app=probe-http");
    expect(await askFromNode(`http://${status.podIP}:8000/healthz`, { "x-probe": "yes" })).toMatchObject({
      status: "ECONNRESET",
    });
  });

  it("an application that fails its probe is found", async () => {
    const ill = deployment("http");
    const [container] = ill.spec.template.spec.containers;
    const path = { path: "/ill", port: 8000 };
    const spec = {
      ...ill.spec,
      template: {
        ...ill.spec.template,
        spec: {
          containers: [
            {
              ...container,
              startupProbe: undefined,
              readinessProbe: undefined,
              livenessProbe: { httpGet: path, ...often },
            },
          ],
        },
      },
    };
    await apply([{ ...ill, spec }], "workloads");
    await eventually("it is started again", async () =>
      (await pods("workloads", "app=probe-http")).some(
        ({ status }) => (status.containerStatuses?.[0]?.restartCount ?? 0) > 0,
      ),
    );
  });
});

describe("figures", () => {
  /** Milliseconds from a Pod's creation until its application says that it runs, median of some. */
  async function startUp(where: string): Promise<number> {
    const program = "console.log(Date.now()); setInterval(() => {}, 1e6)";
    const took: number[] = [];
    for (let n = 0; n < 3; n++) {
      const name = `start-${n}`;
      const begun = Date.now();
      await apply(
        [
          {
            apiVersion: "v1",
            kind: "Pod",
            metadata: { name, labels: { app: "start" } },
            spec: { terminationGracePeriodSeconds: 0, containers: [{ name: "app", ...node(program) }] },
          },
        ],
        where,
      );
      await eventually(`${name} runs`, async () =>
        /^\d+/.test(await kubectl(["logs", "-n", where, name, "-c", "app"]).catch(() => "")),
      );
      took.push(Number(await kubectl(["logs", "-n", where, name, "-c", "app"])) - begun);
      await kubectl(["delete", "pod", "-n", where, name, "--wait=false"]);
    }
    return took.toSorted((a, b) => a - b)[1] ?? 0;
  }

  it("Pod created to application started, with and without the mesh", async () => {
    figure("Pod created to application started, without the mesh, median of 3", await startUp("outside"), "ms");
    figure("Pod created to application started, with a sidecar, median of 3", await startUp("workloads"), "ms");
  });

  it("memory of sidecars", async () => {
    const found = await Promise.all(
      (await pods("default", "app in (productpage, details, reviews, ratings)")).map(residentMemory),
    );
    figure("resident memory of Bookinfo's sidecars, the largest", Math.max(...found).toFixed(1), "MiB");
    expect(Math.min(...found)).toBeGreaterThan(1);
  });
});

/** MiB that Envoy holds in physical memory, as it says itself. */
async function residentMemory({ status }: Pod): Promise<number> {
  const { body } = await askFromNode(`http://${status.podIP}:15090/stats/prometheus`);
  const bytes = Number(/^envoy_server_memory_physical_size\S* (\d+)/m.exec(body)?.[1]);
  return bytes / 2 ** 20;
}
