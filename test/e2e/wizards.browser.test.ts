import type { Browser, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, expect, it } from "vitest";
import { builtConsole } from "../console/built-console.ts";
import { launch } from "../console/open-page.ts";
import { type OpenedPage, openPage } from "../console/served-mesh.ts";
import { ask, until } from "./ask.ts";
import { Product } from "./product.ts";

const product = new Product({ port: 29_350 });
let browser: Browser;
let opened: OpenedPage | undefined;

beforeAll(async () => {
  await builtConsole();
  browser = await launch();
  await product.up();
}, 240_000);
afterAll(async () => {
  await browser?.close();
  await product.close();
}, 60_000);

/** What a wizard wrote is taken back where it was written, and the mesh finds nothing wrong. */
afterEach(async () => {
  const page = opened?.page;
  await page?.getByRole("button", { name: "Take it back" }).click();
  await page?.getByText("Taken back.").waitFor();
  await opened?.close();
  opened = undefined;
}, 60_000);

async function fill(path: string, form: (page: Page) => Promise<void>): Promise<void> {
  opened = await openPage(browser, product, `/config/new/${path}`);
  const { page } = opened;
  await page.getByRole("form").waitFor();
  await form(page);
  await page.getByRole("button", { name: "Apply" }).click();
  await page.getByText(/All \d+ proxies have it\./).waitFor();
}

interface Reviews {
  readonly version: string;
  readonly ratings?: { readonly status: number };
}

async function reviews(headers: Readonly<Record<string, string>> = {}): Promise<Reviews> {
  const { status, body } = await ask(product.url("/api/v1/products/0/reviews"), { headers });
  expect(`${status} ${body}`).toMatch(/^200 /);
  return JSON.parse(body) as Reviews;
}

async function versions(requests: number, headers = {}): Promise<readonly string[]> {
  const seen = new Set<string>();
  for (let i = 0; i < requests; i++) seen.add((await reviews(headers)).version);
  return [...seen].sort();
}

/** What the product page's proxy was sent, as JSON. */
async function sent(type: "route" | "cluster"): Promise<string> {
  const { items } = await product.api<{ items: readonly { id: string; workload: string }[] }>("proxies");
  const page = items.find(({ workload }) => workload === "productpage-v1");
  return JSON.stringify(await product.api(`proxies/${page?.id}/config/${type}`));
}

it("request routing: who carries the header gets the version, everybody else the other", async () => {
  await fill("request-routing?service=default/reviews", async (page) => {
    await page.getByRole("textbox", { name: "Rules 1: Value" }).fill("jason");
    await page.getByRole("combobox", { name: "Rules 1: To version" }).selectOption("v2");
    await page.getByLabel("Everything else").selectOption("v1");
  });
  expect(await versions(20, { "end-user": "jason" })).toEqual(["v2"]);
  expect(await versions(20)).toEqual(["v1"]);
});

it("traffic shifting: all requests to one version", async () => {
  await fill("traffic-shifting?service=default/reviews", async (page) => {
    for (const [at, share] of ["0", "0", "100"].entries())
      await page.getByRole("textbox", { name: `Share of the requests ${at + 1}: Share` }).fill(share);
  });
  expect(await versions(20)).toEqual(["v3"]);
});

it("fault injection: the service answers with the error that was asked for", async () => {
  await fill("fault-injection?service=default/ratings", async (page) => {
    await page.getByLabel("HTTP status").fill("418");
  });
  const statuses = async () => {
    const all = await Promise.all(Array.from({ length: 12 }, () => reviews()));
    return new Set(all.flatMap(({ ratings }) => (ratings ? [ratings.status] : [])));
  };
  await until("ratings answers 418 alone", async () => [...(await statuses())].join() === "418");
});

it("timeouts and retries: a route's timeout is in the callers' proxies", async () => {
  await fill("timeouts?service=default/reviews", async (page) => {
    await page.getByLabel("Timeout", { exact: true }).fill("7s");
    await page.getByLabel("Times", { exact: true }).fill("4");
  });
  const routes = await sent("route");
  expect(routes).toContain('"timeout":"7s"');
  expect(routes).toContain('"num_retries":4');
});

it("circuit breaking: the bounds are in the callers' proxies", async () => {
  await fill("circuit-breaking?service=default/details", async (page) => {
    await page.getByLabel("Connections at most").fill("37");
  });
  expect(await sent("cluster")).toContain('"max_connections":37');
});

it("authorization: who is denied gets 403", async () => {
  await fill("authorization", async (page) => {
    await page.getByRole("textbox", { name: "Name", exact: true }).fill("no-pages");
    await page.getByLabel("Workloads", { exact: true }).fill("app=productpage");
    await page.getByLabel("What matches is").selectOption("DENY");
    await page.getByRole("checkbox", { name: /Dry run/ }).uncheck();
    await page.getByRole("textbox", { name: "Rules 1: Paths" }).fill("/productpage");
  });
  expect((await ask(product.page)).status).toBe(403);
  expect((await ask(product.url("/api/v1/products/0/reviews"))).status).toBe(200);
});

it("gateway: a host leads to the service that was chosen, with all its paths", async () => {
  const home = (host: string) => ask(product.url("/"), { headers: { host } });
  await fill("gateway", async (page) => {
    await page.getByRole("textbox", { name: "Ports 1: Hosts" }).fill("shop.example");
    await page.getByLabel("Leads to").selectOption({ label: "productpage, port 9080" });
  });
  // The page sends its callers on; the sample's own gateway knows nothing of this path.
  expect((await home("shop.example")).status).toBeGreaterThanOrEqual(300);
  expect((await home("shop.example")).status).toBeLessThan(400);
  expect((await home("other.example")).status).toBe(404);
});
