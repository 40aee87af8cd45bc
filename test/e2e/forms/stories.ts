import { expect } from "vitest";
import type { Graph } from "../../../src/api/contract/graph.ts";
import { placeOf, standing } from "../../console/open-page.ts";
import { ask, until } from "../ask.ts";
import type { FormsBed } from "./bed.ts";
import { cell } from "./row.ts";

/** A page of the rail. */
async function goTo({ page }: FormsBed, name: string): Promise<void> {
  await page.getByRole("navigation", { name: "Pages" }).getByRole("link", { name, exact: true }).click();
}

/** Has somebody do something again and again while something else is done. */
async function meanwhile(act: () => Promise<unknown>, run: () => Promise<void>): Promise<void> {
  let over = false;
  const acting = (async () => {
    while (!over) await act();
  })();
  try {
    await run();
  } finally {
    over = true;
    await acting;
  }
}

/** A host outside that no ServiceEntry has: seen in the graph, made known from there by the form, and named then. */
export async function namesAHost(bed: FormsBed): Promise<void> {
  const { page, product, vendor } = bed;
  const url = "http://api.vendor.example/";
  const call = () => bed.calls("client", { url, connect: { host: vendor, port: 80 } }, 20, 2);
  let seen = "";
  const node = async () => {
    const { nodes } = await product.api<Graph>("graph?window=60");
    seen = nodes.map((n) => n.id).join(" ");
    return nodes.find((n) => n.id === "external/api.vendor.example");
  };
  await meanwhile(call, async () => {
    await until(
      "the graph has it",
      async () => (await node())?.reach === "passthrough",
      () => seen,
    );
    await goTo(bed, "Traffic");
    const drawer = page.getByRole("complementary", { name: "Traffic of api.vendor.example" });
    await until("a click opens it", async () => {
      await standing(page);
      const at = await placeOf(page, "external/api.vendor.example").catch(() => undefined);
      if (at) await page.mouse.click(at.x, at.y);
      return drawer.waitFor({ timeout: 2000 }).then(
        () => true,
        () => false,
      );
    });
    await drawer.getByRole("heading", { name: "No ServiceEntry" }).waitFor();
    await drawer.getByRole("link", { name: "Create this ServiceEntry" }).click();
    const form = page.getByRole("form", { name: "Service entry" });
    await form.waitFor();
    expect(await form.getByLabel("Hosts", { exact: true }).inputValue()).toBe("api.vendor.example");
    expect(await form.getByLabel("Namespace", { exact: true }).inputValue()).toBe("default");
    expect(await cell(page, "Ports", 1, "Port").inputValue()).toBe("80");
    expect(await cell(page, "Ports", 1, "Protocol").inputValue()).toBe("HTTP");
    await form.getByLabel("Its address").selectOption("whatever the caller connected to");
    await page.getByText("ServiceEntry api-vendor-example in default will be created").waitFor();
    await page.getByRole("button", { name: "Apply", exact: true }).click();
    await page.getByText(/All \d+ proxies have it\./).waitFor();
    await until("it is named", async () => (await node())?.serviceEntry === "default/api-vendor-example");
    expect((await call()).map((o) => o.status)).toEqual(Array(20).fill(200));
    await page.getByRole("button", { name: "Take it back" }).click();
    await page.getByText("Taken back.").waitFor();
  });
}

/** A refused request, the policy that lets it in, and the same request let in. */
export async function letsIn(bed: FormsBed): Promise<void> {
  const { page } = bed;
  const call = () => bed.call("client", { url: "http://details:9080/details/0" });
  expect((await call()).status).toBe(403);
  await goTo(bed, "Tap");
  await page.getByRole("textbox", { name: "Workload or app" }).fill("details");
  const drawer = page.getByRole("complementary", { name: "GET /details/0" });
  await meanwhile(call, async () => {
    const refused = page.getByRole("row", { name: /details\/0.*denied|denied.*details\/0/ }).first();
    await refused.waitFor({ timeout: 60_000 });
    // What is clicked must not move on.
    await page.getByRole("button", { name: "Pause" }).click();
    await refused.click();
    await drawer.getByRole("heading", { name: "Let it in" }).waitFor();
  });
  const policy = drawer.getByRole("region", { name: "The policy" });
  expect(await policy.textContent()).toContain('istio.io/dry-run: "true"');
  await drawer.getByRole("button", { name: "Apply as a dry run" }).click();
  await drawer.getByText(/All \d+ proxies have it\./).waitFor();
  expect((await call()).status).toBe(403);
  await drawer.getByRole("radio", { name: "Enforced" }).check({ force: true });
  await expect.poll(() => policy.textContent()).toContain('principals: ["cluster.local/ns/default/sa/client"]');
  await drawer.getByRole("button", { name: "Apply and enforce" }).click();
  await until("it is let in", async () => (await call()).status === 200);
  expect((await bed.call("client", { url: "http://details:9080/details/1" })).status).toBe(403);
  await drawer.getByText(/All \d+ proxies have it\./).waitFor();
  await bed.product.weft("delete", "authorizationpolicy", "allow-client-to-details", "--wait");
  await until("it is refused again", async () => (await call()).status === 403);
}

const fault = `apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: ratings, namespace: default}
spec:
  hosts: [ratings]
  http:
    - fault: {abort: {percentage: {value: 100}, httpStatus: 503}}
      route: [{destination: {host: ratings}}]
`;

/** Somebody injected a fault: the first page names it, a click leads to the object, which is deleted there; traffic heals, the page is calm. */
export async function findsAFault(bed: FormsBed): Promise<void> {
  const { page, product } = bed;
  const pages = async () => (await ask(product.url("/api/v1/products/0/ratings"))).status;
  await product.run(["apply", "--wait", "-f", "-"], { input: fault });
  expect(await pages()).toBe(503);
  await page.getByRole("link", { name: "Weft: home" }).click();
  const problem = page
    .getByRole("complementary", { name: "Worst first" })
    .getByRole("link", { name: /VirtualService ratings/ });
  await problem.first().waitFor({ timeout: 90_000 });
  expect(await problem.first().textContent()).toMatch(
    /gets 503 for ratings.*a fault is injected by VirtualService ratings/,
  );
  await problem.first().click();
  const drawer = page.getByRole("complementary", { name: "VirtualService ratings" });
  await drawer.getByRole("button", { name: "Delete" }).click();
  const dialog = page.getByRole("dialog", { name: "Delete VirtualService ratings?" });
  await dialog.getByRole("textbox").fill("ratings");
  await dialog.getByRole("button", { name: "Delete", exact: true }).click();
  await until("traffic is healed", async () => (await pages()) === 200);
  await page.getByRole("link", { name: "Weft: home" }).click();
  await problem.first().waitFor({ state: "detached", timeout: 120_000 });
}
