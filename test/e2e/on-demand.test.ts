import { readFileSync } from "node:fs";
import { request } from "node:http";
import { join } from "node:path";
import { afterEach, expect, it } from "vitest";
import { ask, figure, until } from "./ask.ts";
import { Product, sample } from "./product.ts";

let product: Product | undefined;

afterEach(async () => {
  await product?.close();
  product = undefined;
});

const ratings = "outbound|9080||ratings.default.svc.cluster.local";
const details = "outbound|9080||details.default.svc.cluster.local";
const database = "outbound|3306||mysqldb.default.svc.cluster.local";

it("a sidecar gets what it calls when it calls it, and what changes of that", { timeout: 240_000 }, async () => {
  const mesh = new Product({ port: 27_140 });
  product = mesh;
  await mesh.up([sample], ["--eager", "none"]);
  const page = () => ask(mesh.url("/api/v1/products/0/ratings"));
  expect(await clusters(mesh, "productpage-v1")).toContain(details);
  expect(await clusters(mesh, "productpage-v1")).not.toContain(ratings);
  expect((await clusters(mesh, "details-v1")).filter((name) => name.startsWith("outbound"))).toEqual([]);
  expect((await tables(mesh, "details-v1")).toSorted()).toEqual(["80|*", "9080|*"]);

  const first = await page();
  expect(first.status).toBe(200);
  const second = await page();
  expect(second.status).toBe(200);
  figure("first request to a service that is asked for", first.milliseconds, "ms");
  figure("the next one", second.milliseconds, "ms");
  expect(await clusters(mesh, "productpage-v1")).toContain(ratings);
  expect(await tables(mesh, "productpage-v1")).toContain("9080|ratings.default.svc.cluster.local");
  expect(await mesh.weft("proxy-config", "cluster", "productpage-v1")).toContain("ratings.default.svc.cluster.local");
  expect(await mesh.weft("proxy-config", "cluster", "details-v1")).not.toContain("ratings.default.svc.cluster.local");

  await mesh.weft("apply", mesh.write("broken.yaml", broken));
  await until("an edit of what is in use takes effect", async () => (await page()).status !== 200);
  await mesh.weft("delete", "-f", mesh.write("broken.yaml", broken));
  await until("so does its end", async () => (await page()).status === 200);

  // The next control plane finds what each proxy asked for before.
  mesh.running.child.kill("SIGKILL");
  await mesh.running.ended;
  await mesh.up([sample], ["--eager", "none"]);
  expect((await page()).status).toBe(200);
  await mesh.weft("apply", mesh.write("broken.yaml", broken));
  await until("an edit takes effect again", async () => (await page()).status !== 200);
  await mesh.weft("delete", "-f", mesh.write("broken.yaml", broken));
  expect(await clusters(mesh, "productpage-v1")).toContain(ratings);

  await mesh.weft("apply", `${sample}/mariadb/mariadb.yaml`, `${sample}/exercises/ratings-mariadb.yaml`);
  await until("ratings come from the database", async () => (await ask(mesh.page)).body.includes("ratings-v2-"));
  expect(await clusters(mesh, "ratings-v2")).toContain(database);
  expect(await clusters(mesh, "reviews-v3")).not.toContain(database);
  expect(await mesh.interrupt()).toBe(130);
});

const broken = `apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: ratings}
spec:
  hosts: [ratings]
  http: [{fault: {abort: {percentage: {value: 100}, httpStatus: 500}}, route: [{destination: {host: ratings}}]}]
`;

/** Clusters that a workload's proxy holds now, by its own account. */
async function clusters(mesh: Product, workload: string): Promise<readonly string[]> {
  const { configs } = await dump(mesh, workload);
  return configs.flatMap((c) => c.dynamic_active_clusters ?? []).map((c) => c.cluster.name);
}

async function tables(mesh: Product, workload: string): Promise<readonly string[]> {
  const { configs } = await dump(mesh, workload);
  return configs.flatMap((c) => c.dynamic_route_configs ?? []).map((c) => c.route_config.name);
}

interface Dump {
  readonly configs: readonly {
    readonly dynamic_active_clusters?: readonly { readonly cluster: { readonly name: string } }[];
    readonly dynamic_route_configs?: readonly { readonly route_config: { readonly name: string } }[];
  }[];
}

interface State {
  readonly runFolder: string;
  readonly pods: readonly { readonly name: string; readonly number: number }[];
}

function dump(mesh: Product, workload: string): Promise<Dump> {
  const { runFolder, pods } = JSON.parse(readFileSync(join(mesh.stateDir, "host.json"), "utf8")) as State;
  const pod = pods.find((p) => p.name.startsWith(`${workload}-`));
  const socketPath = join(runFolder, `${pod?.number.toString(36)}.sock`);
  return new Promise((resolve, reject) => {
    const sent = request({ socketPath, path: "/config_dump", agent: false }, (response) => {
      let body = "";
      response.setEncoding("utf8").on("data", (text: string) => {
        body += text;
      });
      response.on("end", () => resolve(JSON.parse(body) as Dump));
    });
    sent.on("error", reject).end();
  });
}
