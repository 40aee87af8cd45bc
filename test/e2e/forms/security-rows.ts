import type { Graph } from "../../../src/api/contract/graph.ts";
import { ask } from "../ask.ts";
import type { FormsBed } from "./bed.ts";
import { cell, type FormRow } from "./row.ts";

export const securityRows: readonly FormRow[] = [
  {
    title: "Authorization",
    of: "default",
    fill: async (page) => {
      await page.getByLabel("Name", { exact: true }).fill("no-pages");
      await page.getByLabel("Workloads", { exact: true }).fill("app=productpage");
      await page.getByLabel("What matches is").selectOption("refused");
      await page.getByRole("checkbox", { name: /Dry run/ }).uncheck();
      await cell(page, "Rules", 1, "Methods").fill("GET");
      await cell(page, "Rules", 1, "Paths").fill("/api/v1/products/0/ratings");
    },
    yaml: ["action: DENY", "app: productpage", "- /api/v1/products/0/ratings"],
    before: async (bed) => (await page(bed, "/api/v1/products/0/ratings")) === 200,
    after: async (bed) =>
      (await page(bed, "/api/v1/products/0/ratings")) === 403 &&
      (await page(bed, "/api/v1/products/0/reviews")) === 200,
  },
  {
    title: "Mutual TLS",
    of: "default",
    fill: async (page) => {
      await page.getByLabel("Name", { exact: true }).fill("echo-strict");
      await page.getByLabel("Workloads", { exact: true }).fill("app=echo");
    },
    yaml: ["kind: PeerAuthentication", "mode: STRICT"],
    before: async (bed) => (await plaintext(bed)).status === 200,
    after: async (bed) =>
      (await plaintext(bed)).error === "closed" && (await bed.call("client", { url: "http://echo/" })).status === 200,
  },
  {
    title: "Tokens of users",
    of: "default",
    fill: async (page) => {
      await page.getByLabel("Workloads", { exact: true }).fill("app=echo");
      await page.getByLabel("Issuer", { exact: true }).fill("shop");
      await page.getByLabel("Keys at", { exact: true }).fill("http://issuer.other.svc.cluster.local/keys");
    },
    yaml: ["issuer: shop", "kind: AuthorizationPolicy", "notRequestPrincipals"],
    before: async (bed) => (await withToken(bed)) === 200,
    after: async (bed) =>
      (await withToken(bed, "not.a.token")) === 401 &&
      (await withToken(bed)) === 403 &&
      (await withToken(bed, bed.token())) === 200,
  },
  {
    title: "Service entry",
    of: "default",
    fill: async (page, bed) => {
      await page.getByLabel("Name", { exact: true }).fill("pay");
      await page.getByLabel("Hosts", { exact: true }).fill("pay.vendor.example");
      await cell(page, "Ports", 1, "Port").fill("80");
      await cell(page, "Ports", 1, "Protocol").selectOption("HTTP");
      await page.getByLabel("Its address").selectOption("as listed here");
      await page.getByRole("button", { name: "Add an endpoint" }).click();
      await cell(page, "Endpoints", 1, "Address").fill(bed.vendor);
    },
    yaml: ["- pay.vendor.example", "resolution: STATIC"],
    before: async (bed) => (await vendor(bed)).called === "no such host",
    after: async (bed) => {
      const { called, named } = await vendor(bed);
      return called === "200" && named;
    },
  },
  {
    title: "Sidecar",
    of: "default",
    fill: async (page) => {
      await page.getByLabel("Name", { exact: true }).fill("client");
      await page.getByLabel("Workloads", { exact: true }).fill("app=client");
      await page.getByLabel("Hosts that they call").fill("./details.default.svc.cluster.local");
      await page.getByLabel("Other hosts").selectOption("may not be called");
    },
    yaml: ["kind: Sidecar", "mode: REGISTRY_ONLY", "- ./details.default.svc.cluster.local"],
    before: async (bed) => (await bed.call("client", { url: "http://echo/" })).status === 200,
    after: async (bed) => (await bed.call("client", { url: "http://echo/" })).status !== 200,
  },
];

async function page({ product }: FormsBed, path: string): Promise<number> {
  return (await ask(product.url(path))).status;
}

async function plaintext(bed: FormsBed) {
  const connect = { host: await bed.address("echo-v1"), port: 8080 };
  return bed.call("outside", { url: "http://echo/", connect });
}

async function withToken(bed: FormsBed, token?: string): Promise<number | undefined> {
  const headers = token === undefined ? {} : { authorization: `Bearer ${token}` };
  return (await bed.call("client", { url: "http://echo/", headers })).status;
}

/** What comes of a call of a host outside, and whether the graph has it by its name. */
async function vendor(bed: FormsBed) {
  const { status, error } = await bed.call("client", { url: "http://pay.vendor.example/" });
  const { edges } = await bed.product.api<Graph>("graph?window=60");
  const named = edges.some((e) => e.service === "pay.vendor.example" && e.source === "workload/default/client");
  return { called: String(status ?? error), named };
}
