import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { Workload } from "../../src/api/contract/workloads.ts";
import { ask, figure, until } from "./ask.ts";
import { Product, sample } from "./product.ts";

const product = new Product({ port: 29_160 });

beforeAll(async () => {
  product.write("mesh/edited.yaml", "# edited by a test\n");
  await product.up([sample, join(product.dir, "mesh")]);
}, 120_000);
afterAll(() => product.close(), 60_000);

interface PodRecord {
  readonly name: string;
  readonly workload: string;
  readonly proxy?: { readonly pid: number };
  readonly application?: { readonly pid: number };
}

function pods(): readonly PodRecord[] {
  return (JSON.parse(readFileSync(join(product.stateDir, "host.json"), "utf8")) as { pods: PodRecord[] }).pods;
}

const pidOf = (workload: string, which: "proxy" | "application") =>
  pods().find((p) => p.workload === workload)?.[which]?.pid as number;

/** Applications and proxies by workload. */
const processes = () =>
  Object.fromEntries(pods().map((p) => [p.workload, { proxy: p.proxy?.pid, application: p.application?.pid }]));

async function detailsAnswer(): Promise<boolean> {
  return (await ask(product.url("/api/v1/products/0"), { timeoutMs: 2_000 }).catch(() => undefined))?.status === 200;
}

async function ready(): Promise<void> {
  await until("all workloads are ready", async () => {
    const all = await product.api<readonly Workload[]>("workloads").catch(() => []);
    return all.length === 7 && all.every((w) => w.replicas.ready === w.replicas.desired);
  });
}

/** Requests at a steady rate until told to stop; answers what failed. */
function load(perSecond: number): { stop(): Promise<{ sent: number; failed: string[] }> } {
  const failed: string[] = [];
  const open: Promise<unknown>[] = [];
  const timer = setInterval(() => {
    const answer = ask(product.page).then(
      ({ status, body }) => {
        if (status !== 200 || !body.includes("details-v1-") || body.includes('class="failure"'))
          failed.push(`${status} ${/<div class="failure".*?<\/div>/s.exec(body)?.[0] ?? ""}`);
      },
      (error: Error) => failed.push(error.message),
    );
    open.push(answer);
  }, 1000 / perSecond);
  return {
    async stop() {
      clearInterval(timer);
      await Promise.all(open);
      return { sent: open.length, failed };
    },
  };
}

it("a killed Envoy is back and serves", { timeout: 120_000 }, async () => {
  const before = pidOf("details-v1", "proxy");
  process.kill(before, "SIGKILL");
  await until("it does not serve", async () => !(await detailsAnswer()) || pidOf("details-v1", "proxy") !== before);
  const took = await until("it serves", detailsAnswer);
  figure("a killed sidecar serves again after", took, "ms");
  expect(took).toBeLessThan(30_000);
  await until("it has another number", () => ![before, undefined].includes(pidOf("details-v1", "proxy")));
  await ready();
});

it("a killed gateway is back and serves", { timeout: 120_000 }, async () => {
  process.kill(pidOf("istio-ingressgateway", "proxy"), "SIGKILL");
  const took = await until(
    "the page answers",
    async () => (await ask(product.page).catch(() => undefined))?.status === 200,
  );
  figure("a killed gateway serves again after", took, "ms");
  await ready();
});

it("a killed application is started again", { timeout: 120_000 }, async () => {
  const before = pidOf("details-v1", "application");
  process.kill(before, "SIGKILL");
  await until("it has another number", () => ![before, undefined].includes(pidOf("details-v1", "application")));
  const took = await until("it serves", detailsAnswer);
  figure("a killed application serves again after", took, "ms");
  await ready();
});

it("a killed control plane fails no request; started again, it takes the running mesh over", {
  timeout: 240_000,
}, async () => {
  await ready();
  const before = processes();
  const under = load(20);
  await until("load runs", detailsAnswer);
  const killed = product.running;
  killed.child.kill("SIGKILL");
  await killed.ended;
  await new Promise((resolve) => setTimeout(resolve, 3_000));
  expect((await ask(product.page)).status).toBe(200);
  await product.up([sample, join(product.dir, "mesh")]);
  await ready();
  const { sent, failed } = await under.stop();
  figure("requests while the control plane was killed and started again", sent, "requests");
  expect(failed).toEqual([]);
  expect(sent).toBeGreaterThan(60);
  expect(processes()).toEqual(before);

  product.write(
    "mesh/edited.yaml",
    `apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: { name: reviews, namespace: default }
spec: { hosts: [reviews], http: [{ route: [{ destination: { host: reviews, subset: v3 } }] }] }
`,
  );
  await until("the edit is in force", async () => {
    const bodies = await Promise.all(
      Array.from({ length: 10 }, async () => (await ask(product.url("/api/v1/products/0/reviews"))).body),
    );
    return bodies.every((body) => body.includes('"version":"v3"'));
  });
  const status = await product.weft("status");
  expect(status).toContain("7 of 7 in sync");
});

it("an application that is replaced under load fails no request", { timeout: 120_000 }, async () => {
  await ready();
  const under = load(20);
  const deployment = await product.weft("get", "deployment", "details-v1", "-o", "yaml");
  const before = pidOf("details-v1", "application");
  const next = deployment.replace('value: "9080"', 'value: "9080"\n            - name: TURN\n              value: "2"');
  expect(await product.run(["apply", "-f", "-"], { input: next })).toMatchObject({ status: 0 });
  await until("another one runs", () => ![before, undefined].includes(pidOf("details-v1", "application")));
  await ready();
  const { failed, sent } = await under.stop();
  figure("requests while details was replaced", sent, "requests");
  expect(failed).toEqual([]);
});
