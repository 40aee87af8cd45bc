import { afterEach, beforeEach, expect, test } from "vitest";
import { NOBODY, openShop, openWith, type Shop } from "./test-mesh.ts";

let shop: Shop;
beforeEach(() => {
  shop = openShop();
});
afterEach(() => shop.close());

/** A page's text as it is read, without its markup. */
async function read(
  url: string,
  headers: Record<string, string> = {},
): Promise<{ status: number; text: string; html: string }> {
  const response = await fetch(url, { headers });
  const html = await response.text();
  const text = html.replace(/<[^>]*>/g, " ").replace(/\s+/g, " ");
  return { status: response.status, text, html };
}

test.each([
  ["v1", 0, "none"],
  ["v2", 2, "black stars"],
  ["v3", 2, "red stars"],
])("the page with reviews %s shows %i ratings (%s)", async (version, ratings, color) => {
  const page = await read(`${await openWith(shop, version)}/productpage`);
  expect(page.status).toBe(200);
  expect(page.text).toContain("Silas Marner");
  expect(page.text).toContain("George Eliot");
  expect(page.text).toContain(`reviews-${version}-test-pod`);
  expect(page.text).toContain("details-v1-test-pod");
  expect(page.html.match(/aria-label="\d of 5 (black|red) stars"/g) ?? []).toHaveLength(ratings);
  if (ratings > 0) expect(page.html).toContain(`4 of 5 ${color}`);
  expect(page.text.includes("ratings-v1-test-pod")).toBe(ratings > 0);
  expect(page.html).not.toContain('class="failure"');
});

test("details that nobody serves: the page says so, and the reviews are there", async () => {
  const ratings = await shop.ratings();
  const reviews = await shop.reviews("v3", { RATINGS_URL: ratings });
  const page = await read(`${await shop.productpage({ DETAILS_URL: NOBODY, REVIEWS_URL: reviews })}/productpage`);
  expect(page.status).toBe(200);
  expect(page.text).toContain("The details of this book are not available right now.");
  expect(page.text).toMatch(/details: nobody listens at 127\.0\.0\.1:1, after \d+ ms/);
  expect(page.html).toContain("5 of 5 red stars");
});

test("ratings that are refused: reviews without stars, and Envoy's own words", async () => {
  const refusing = await shop.fake((_request, response) => response.writeHead(403).end("RBAC: access denied"));
  const reviews = await shop.reviews("v2", { RATINGS_URL: refusing });
  const details = await shop.details();
  const page = await read(`${await shop.productpage({ DETAILS_URL: details, REVIEWS_URL: reviews })}/productpage`);
  expect(page.text).toContain("The stars are not available right now; the reviews are.");
  expect(page.text).toMatch(/ratings: answered 403, after \d+ ms/);
  expect(page.text).toContain("RBAC: access denied");
  expect(page.text).toContain("AuthorizationPolicy");
  expect(page.text).toContain("Mara");
});

test("reviews that are slow are given up after two tries, and the page tells how long it waited", async () => {
  let calls = 0;
  const slow = await shop.fake(() => void calls++);
  const details = await shop.details();
  const env = { DETAILS_URL: details, REVIEWS_URL: slow, UPSTREAM_TIMEOUT_MS: "120" };
  const page = await read(`${await shop.productpage(env)}/productpage`);
  expect(calls).toBe(2);
  const [, ms] =
    /reviews: no answer within 120 ms, after (\d+) ms \(2 tries\)/.exec(page.text.replaceAll(" .", ".")) ?? [];
  expect(Number(ms)).toBeGreaterThanOrEqual(238);
});

test("an answer that comes is not asked for again, whatever its status", async () => {
  let calls = 0;
  const failing = await shop.fake((_request, response) => {
    calls++;
    response.writeHead(503).end("no healthy upstream");
  });
  const page = await read(
    `${await shop.productpage({ DETAILS_URL: await shop.details(), REVIEWS_URL: failing })}/productpage`,
  );
  expect(calls).toBe(1);
  expect(page.text).toContain("reviews: answered 503");
  expect(page.text).toContain("No instance of it can take the call");
});

test("what another service says is shown as text, never as markup", async () => {
  const evil = await shop.fake((_request, response) => response.writeHead(500).end("<script>alert(1)</script>"));
  const page = await read(`${await shop.productpage({ DETAILS_URL: evil, REVIEWS_URL: evil })}/productpage`);
  expect(page.html).not.toContain("<script");
  expect(page.html).toContain("&lt;script&gt;alert(1)&lt;/script&gt;");
});

test("an answer that is no JSON counts as a failure", async () => {
  const odd = await shop.fake((_request, response) => response.end("hello"));
  const page = await read(`${await shop.productpage({ DETAILS_URL: odd, REVIEWS_URL: NOBODY })}/productpage`);
  expect(page.text).toContain("details: answered 200, but not with JSON");
});

test("the page can ask again by itself, and shows the trace it belongs to", async () => {
  const base = await openWith(shop, "v1");
  const page = await read(`${base}/productpage?every=2`, {
    traceparent: "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
  });
  expect(page.html).toContain('<meta http-equiv="refresh" content="2">');
  expect(page.text).toContain("4bf92f3577b34da6a3ce929d0e0e4736");
  for (const every of ["0", "-1", "x", "1e9"]) {
    expect((await read(`${base}/productpage?every=${every}`)).html).not.toContain("http-equiv");
  }
});

test("style and pictures come from the page's own service", async () => {
  const base = await openWith(shop, "v1");
  const { html } = await read(`${base}/productpage`);
  const assets = [...html.matchAll(/(?:href|src)="(\/static\/[^"]+)"/g)].map(([, path]) => path);
  expect(assets.length).toBeGreaterThanOrEqual(3);
  for (const path of assets) expect((await fetch(base + path)).status).toBe(200);
  expect(html).not.toMatch(/(?:href|src)="https?:/);
});
