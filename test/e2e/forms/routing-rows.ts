import { ask } from "../ask.ts";
import type { FormsBed } from "./bed.ts";
import { cell, type FormRow } from "./row.ts";

interface Reviews {
  readonly version: string;
  readonly ratings?: { readonly status: number };
}

async function reviews({ product }: FormsBed, headers: Readonly<Record<string, string>> = {}, times = 12) {
  const all: Reviews[] = [];
  for (let i = 0; i < times; i++) {
    const { status, body } = await ask(product.url("/api/v1/products/0/reviews"), { headers });
    if (status !== 200) throw new Error(`${status} ${body}`);
    all.push(JSON.parse(body) as Reviews);
  }
  return all;
}

async function versions(bed: FormsBed, headers = {}): Promise<string> {
  return [...new Set((await reviews(bed, headers)).map((r) => r.version))].sort().join();
}

const echo = "http://echo/";
/** Who answers calls of echo's. */
async function answerers(bed: FormsBed, order: { url: string; headers?: Record<string, string> }, times: number) {
  const all = await bed.calls("client", order, times, 4);
  return all.map((o) => o.report?.workload ?? String(o.status ?? o.error));
}

export const routingRows: readonly FormRow[] = [
  {
    title: "Request routing",
    of: "reviews in default",
    fill: async (page) => {
      await cell(page, "Rules", 1, "Value").fill("jason");
      await cell(page, "Rules", 1, "To version").selectOption("v2");
      await page.getByLabel("Everything else").selectOption("v1");
    },
    yaml: [/end-user:\s+exact: jason/, "subset: v2"],
    before: async (bed) => (await versions(bed)) === "v1,v2,v3",
    after: async (bed) => (await versions(bed, { "end-user": "jason" })) === "v2" && (await versions(bed)) === "v1",
  },
  {
    title: "Traffic shifting",
    of: "reviews in default",
    fill: async (page) => {
      for (const [at, share] of ["0", "0", "100"].entries())
        await cell(page, "Share of the requests", at + 1, "Share").fill(share);
    },
    yaml: ["subset: v3", "weight: 100"],
    before: async (bed) => (await versions(bed)) === "v1,v2,v3",
    after: async (bed) => (await versions(bed)) === "v3",
  },
  {
    title: "TCP traffic shifting",
    of: "echo in default",
    fill: async (page) => {
      await page.getByLabel("Port", { exact: true }).selectOption("9000");
      await cell(page, "Share of the connections", 1, "Share").fill("85");
      await cell(page, "Share of the connections", 2, "Share").fill("15");
    },
    yaml: [/port: 9000/, "weight: 85", "weight: 15"],
    // Of 200 connections; a share of 50 or of 85 % is 7 deviations from either bound.
    before: async (bed) => Math.abs((await firstShare(bed)) - 100) < 35,
    after: async (bed) => Math.abs((await firstShare(bed)) - 170) < 29,
  },
  {
    title: "Load balancing and TLS",
    of: "echo in default",
    fill: async (page) => {
      await page.getByLabel("Next endpoint").selectOption("the same for the same header");
      await page.getByLabel("Name of the header").fill("x-user");
    },
    yaml: ["httpHeaderName: x-user"],
    before: async (bed) => new Set(await answerers(bed, { url: echo, headers: { "x-user": "ann" } }, 24)).size === 2,
    after: async (bed) => new Set(await answerers(bed, { url: echo, headers: { "x-user": "ann" } }, 24)).size === 1,
  },
  {
    title: "Fault injection",
    of: "ratings in default",
    fill: async (page) => page.getByLabel("HTTP status").fill("418"),
    yaml: ["httpStatus: 418"],
    before: async (bed) => (await ratings(bed)) === "200",
    after: async (bed) => (await ratings(bed)) === "418",
  },
  {
    title: "Timeouts and retries",
    of: "echo in default",
    fill: async (page) => {
      await page.getByLabel("Timeout", { exact: true }).fill("300ms");
      await page.getByRole("checkbox", { name: "Ask again" }).uncheck();
    },
    yaml: ["timeout: 300ms", "attempts: 0"],
    before: async (bed) => (await slow(bed)) === 200,
    after: async (bed) => (await slow(bed)) === 504,
  },
  {
    title: "Circuit breaking",
    of: "echo in default",
    fill: async (page) => {
      for (const name of ["Connections at most", "Waiting requests at most", "Requests at once at most"])
        await page.getByLabel(name, { exact: true }).fill("1");
    },
    yaml: ["maxConnections: 1", "http1MaxPendingRequests: 1"],
    before: async (bed) => (await crowd(bed)) === 0,
    after: async (bed) => (await crowd(bed)) > 0,
  },
];

/** How many of 200 connections version 1 got. */
async function firstShare(bed: FormsBed): Promise<number> {
  return (await answerers(bed, { url: "tcp://echo:9000" }, 200)).filter((w) => w === "default/echo-v1").length;
}

/** The statuses that reviews gets of ratings. */
async function ratings(bed: FormsBed): Promise<string> {
  const seen = (await reviews(bed)).flatMap(({ ratings: r }) => (r ? [r.status] : []));
  return [...new Set(seen)].join();
}

async function slow(bed: FormsBed): Promise<number | undefined> {
  return (await bed.call("client", { url: echo, headers: { "x-do": JSON.stringify({ delay: 1 }) } })).status;
}

/** Of many slow requests at once, how many the caller's own proxy refused. */
async function crowd(bed: FormsBed): Promise<number> {
  const headers = { "x-do": JSON.stringify({ delay: 0.5 }) };
  const all = await bed.calls("client", { url: echo, headers }, 12, 12);
  return all.filter((o) => o.status === 503 && o.headers?.["x-envoy-overloaded"] === "true").length;
}
