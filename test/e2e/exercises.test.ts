import { join } from "node:path";
import { afterAll, afterEach, beforeAll, expect, it } from "vitest";
import { ask, figure, until } from "./ask.ts";
import { Product, root, sample } from "./product.ts";

const product = new Product({ port: 29_130 });
const jason = { headers: { "end-user": "jason" } };
const exercise = (name: string) => join(root, sample, "exercises", `${name}.yaml`);

interface Reviews {
  readonly version: string;
  readonly reviews: readonly { readonly reviewer: string; readonly rating?: { readonly stars: number } | null }[];
  readonly ratings?: { readonly status: number; readonly version?: string };
}

beforeAll(async () => {
  product.write("mesh/notes.yaml", "# edited by a test\n");
  await product.up([sample, join(product.dir, "mesh")]);
}, 120_000);
afterAll(() => product.close(), 60_000);

const applied: string[] = [];
afterEach(async () => {
  for (const file of applied.splice(0).reverse()) await product.weft("delete", "-f", file, "--wait");
  const { body } = await ask(`http://127.0.0.1:${product.ports.console}/api/v1/diagnostics`);
  expect(JSON.parse(body)).toEqual([]);
}, 60_000);

async function apply(file: string): Promise<void> {
  await product.weft("apply", "-f", file, "--wait");
  applied.push(file);
}

async function reviews(options = {}): Promise<Reviews> {
  const { status, body } = await ask(product.url("/api/v1/products/0/reviews"), options);
  expect(`${status} ${body}`).toMatch(/^200 /);
  return JSON.parse(body) as Reviews;
}

/** How often each version answers. */
async function versions(requests: number, options = {}): Promise<Record<string, number>> {
  const seen: Record<string, number> = {};
  for (let done = 0; done < requests; done += 10) {
    const answers = await Promise.all(Array.from({ length: 10 }, () => reviews(options)));
    for (const { version } of answers) seen[version] = (seen[version] ?? 0) + 1;
  }
  return seen;
}

it("without a route all three versions take turns", async () => {
  await until("all were seen", async () => Object.keys(await versions(30)).length === 3);
});

it("all-v1: version 1 alone, as soon as apply --wait returns", async () => {
  await apply(exercise("all-v1"));
  expect(await versions(60)).toEqual({ v1: 60 });
  const said = await product.weft("proxy-config", "route", "productpage-v1");
  expect(said).toContain("outbound|9080|v1|reviews.default.svc.cluster.local");
});

it("reviews-90-10: a tenth to v2", async () => {
  await apply(exercise("reviews-90-10"));
  const { v1 = 0, v2 = 0, ...others } = await versions(300);
  figure("of 300 requests with weight 10", v2, "to v2");
  expect(others).toEqual({});
  expect(v1 + v2).toBe(300);
  // 30 ± 5.2: eight standard deviations and more to both sides would be another weight.
  expect(v2).toBeGreaterThan(3);
  expect(v2).toBeLessThan(75);
});

it("reviews-50-50: half and half of v1 and v3", async () => {
  await apply(exercise("reviews-50-50"));
  const { v1 = 0, v3 = 0, ...others } = await versions(200);
  expect(others).toEqual({});
  expect(Math.min(v1, v3)).toBeGreaterThan(50);
});

it("reviews-jason-v2: v2 for one user", async () => {
  await apply(exercise("reviews-jason-v2"));
  expect(await versions(20, jason)).toEqual({ v2: 20 });
  expect(await versions(20)).toEqual({ v1: 20 });
});

it("ratings-delay: two timeouts that do not fit, seen on the page", async () => {
  await apply(exercise("ratings-delay"));
  const { status, body, milliseconds } = await ask(product.page, jason);
  expect(status).toBe(200);
  expect(body).toContain('<p class="headline">');
  expect(body).toMatch(/reviews: .*, after <b>6\.\d+ s<\/b> \(2 tries\)/);
  expect(milliseconds).toBeGreaterThan(5_900);
  figure("page with a 7 s delay at ratings", milliseconds / 1000, "s");
  expect((await reviews()).version).toBe("v1");
});

it("ratings-abort: reviews without stars, and why", async () => {
  await apply(exercise("ratings-abort"));
  const { body } = await ask(product.page, jason);
  expect(body).toContain("fault filter abort");
  expect(body).toContain("A fault is being injected");
  expect((await ask(product.page)).body).not.toContain("fault filter abort");
});

it("ratings-fallback: an answer when nobody is there", async () => {
  const ratings = () => ask(product.url("/api/v1/products/0/ratings"));
  await apply(exercise("ratings-fallback"));
  const { status, body } = await ratings();
  expect(status).toBe(200);
  expect(JSON.parse(body)).toMatchObject({ version: "none", ratings: {} });
});

it("limit-the-page: the sixth page within a minute is refused, other addresses are not", async () => {
  await apply(exercise("limit-the-page"));
  const seen = [];
  for (let i = 0; i < 6; i++) seen.push((await ask(product.page)).status);
  expect(seen).toEqual([200, 200, 200, 200, 200, 429]);
  expect((await ask(product.url("/api/v1/products/0/reviews"))).status).toBe(200);
});

it("who-may-call-ratings: the page keeps its stars, the page's own call is refused", async () => {
  const ratings = async () => (await ask(product.url("/api/v1/products/0/ratings"))).status;
  expect(await ratings()).toBe(200);
  await apply(exercise("who-may-call-ratings"));
  expect(await ratings()).toBe(403);
  await until("reviews have stars", async () => (await ask(product.page)).body.includes("ratings-v1-"));
});

it("ratings-mariadb: a server that speaks first, through mutual TLS and without a wait", {
  timeout: 180_000,
}, async () => {
  await apply(join(root, sample, "mariadb", "mariadb.yaml"));
  await apply(exercise("ratings-mariadb"));
  const stars = async () => (await ask(product.page)).body;
  await until(
    "ratings v2 answer",
    async () => /ratings-v2-/.test(await stars()),
    () => product.running.output(),
  );
  const { status, body, milliseconds } = await ask(product.url("/api/v1/products/0/ratings"));
  expect(`${status} ${body}`).toMatch(/^200 /);
  expect((JSON.parse(body) as { ratings: unknown }).ratings).toEqual({ Mara: 4, Jonah: 2 });
  figure("ratings out of MariaDB", milliseconds, "ms");
  expect(milliseconds).toBeLessThan(10_000);
  const metrics = await ask(`http://127.0.0.1:${product.ports.console}/metrics`);
  await until("TCP metrics tell of it", async () => {
    const { body: page } = await ask(`http://127.0.0.1:${product.ports.console}/metrics`);
    return page
      .split("\n")
      .some(
        (line) =>
          line.startsWith("istio_tcp_connections_opened_total") &&
          line.includes('destination_workload="mariadb"') &&
          line.includes('connection_security_policy="mutual_tls"'),
      );
  });
  expect(metrics.status).toBe(200);
});

it("an edit of a watched file takes effect at once", async () => {
  const route = (subset: string) => `apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: reviews, namespace: default}
spec:
  hosts: [reviews]
  http: [{route: [{destination: {host: reviews, subset: ${subset}}}]}]
`;
  const took: number[] = [];
  for (const subset of ["v1", "v2", "v3"]) {
    product.write("mesh/notes.yaml", route(subset));
    took.push(await until(`${subset} answers`, async () => (await versions(10))[subset] === 10));
  }
  figure("from a save to its effect, worst of 3", Math.max(...took), "ms");
  expect(Math.max(...took)).toBeLessThan(10_000);
  product.write("mesh/notes.yaml", "# nothing any more\n");
  await until("all versions answer", async () => Object.keys(await versions(30)).length === 3);
});
