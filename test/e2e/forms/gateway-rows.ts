import { ask } from "../ask.ts";
import type { FormsBed } from "./bed.ts";
import { cell, type FormRow } from "./row.ts";

/** What a router answers to a host. */
async function through(bed: FormsBed, router: string, host: string, scheme = "http", path = "/", port = 8085) {
  const known = (await bed.workloads()).find((w) => w.name === router)?.proxies[0]?.address;
  if (known === undefined) return undefined;
  const connect = { host: known, port };
  return bed.call("outside", {
    url: `${scheme}://${host}:${port}${path}`,
    connect,
    method: scheme === "grpc" ? "POST" : "GET",
  });
}

export const gatewayRows: readonly FormRow[] = [
  {
    title: "Gateway",
    of: "default",
    fill: async (page) => {
      await cell(page, "Ports", 1, "Hosts").fill("shop.example");
      await page.getByLabel("Leads to").selectOption("productpage, port 9080");
    },
    yaml: ["- shop.example", "istio: ingressgateway", "host: productpage"],
    // The page sends its callers on; the sample's own gateway knows nothing of this path.
    before: async (bed) => (await home(bed, "shop.example")) === 404,
    after: async (bed) =>
      [301, 302].includes(await home(bed, "shop.example")) && (await home(bed, "other.example")) === 404,
  },
  {
    title: "Gateway (Gateway API)",
    of: "default",
    fill: async (page) => {
      await page.getByLabel("Name", { exact: true }).fill("side");
      await cell(page, "Listeners", 1, "Port").fill("8086");
    },
    yaml: ["gatewayClassName: istio", "port: 8086"],
    before: async (bed) => !(await bed.workloads()).some((w) => w.name === "side-istio"),
    after: async (bed) => (await through(bed, "side-istio", "any.example", "http", "/", 8086))?.status === 404,
  },
  {
    title: "HTTP route (Gateway API)",
    of: "echo in default",
    fill: async (page) => {
      await page.getByLabel("Attached to").selectOption("Gateway front in default");
      await page.getByLabel("Hosts", { exact: true }).fill("echo.example");
      await cell(page, "Rules", 1, "Path begins").fill("/shop");
    },
    yaml: ["kind: HTTPRoute", "- echo.example", "value: /shop"],
    before: async (bed) => (await through(bed, "front-istio", "echo.example", "http", "/shop/1"))?.status === 404,
    after: async (bed) =>
      (await through(bed, "front-istio", "echo.example", "http", "/shop/1"))?.status === 200 &&
      (await through(bed, "front-istio", "echo.example", "http", "/else"))?.status === 404,
  },
  {
    title: "gRPC route (Gateway API)",
    of: "echo in default",
    fill: async (page) => {
      await page.getByLabel("Attached to").selectOption("Gateway front in default");
      await page.getByLabel("Hosts", { exact: true }).fill("grpc.example");
      await cell(page, "Rules", 1, "gRPC service").fill("shop.Orders");
      await cell(page, "Rules", 1, "To").fill("echo:7070");
    },
    yaml: ["kind: GRPCRoute", "service: shop.Orders", "port: 7070"],
    before: async (bed) => (await through(bed, "front-istio", "grpc.example", "grpc", "/shop.Orders/Get"))?.grpc === 12,
    after: async (bed) => (await through(bed, "front-istio", "grpc.example", "grpc", "/shop.Orders/Get"))?.grpc === 0,
  },
  {
    title: "ReferenceGrant",
    of: "other",
    fill: async (page) => {
      await page.getByLabel("From namespace").fill("default");
      await page.getByLabel("Only these").fill("issuer");
    },
    yaml: ["kind: ReferenceGrant", "namespace: default", "name: issuer"],
    before: async (bed) => (await through(bed, "front-istio", "keys.example", "http", "/keys"))?.status === 500,
    after: async (bed) => (await through(bed, "front-istio", "keys.example", "http", "/keys"))?.status === 200,
  },
];

async function home({ product }: FormsBed, host: string): Promise<number> {
  return (await ask(product.url("/"), { headers: { host } })).status;
}
