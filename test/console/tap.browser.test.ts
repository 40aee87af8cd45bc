import type { Page } from "playwright-core";
import { expect, it } from "vitest";
import { serious } from "./axe.ts";
import { onePage } from "./one-page.ts";

const open = onePage();
const show = (path: string, options = {}) => open("healthy", path, options);

const requests = (page: Page) => page.locator("tbody tr[data-key] td:nth-child(4)").allInnerTexts();

it("shows requests as they come, the latest first, with what came of them", async () => {
  const { page, complaints } = await show("/tap");
  await expect
    .poll(() => requests(page))
    .toEqual(["GET /reviews/0", "GET /details/0?token=…", "GET /ratings/0", "GET /reviews/1", "POST /admin"]);
  await page.getByText("6 proxies tell of all requests").waitFor();
  const row = page.getByRole("row", { name: /reviews\/1/ });
  expect(await row.getByRole("cell").allInnerTexts()).toEqual(
    expect.arrayContaining(
      ["default/productpage-v1", "default/reviews-v3:9080", " 503 UF", "2\u202fs", "allowed"].map((text) =>
        expect.stringContaining(text.trim()),
      ),
    ),
  );
  expect(complaints).toEqual([]);
});

it("keeps what is watched in the address, and copies it as a command", async () => {
  const { page, url } = await show("/tap?ns=default");
  await page.context().grantPermissions(["clipboard-read", "clipboard-write"], { origin: url });
  await page.getByRole("textbox", { name: "Path" }).fill("/reviews/*");
  await page.getByRole("textbox", { name: "Workload or app" }).fill("reviews");
  await expect.poll(() => page.url()).toContain("workload=reviews");
  await page.getByRole("button", { name: "Copy as CLI" }).click();
  await page.getByText("Copied").waitFor();
  expect(await page.evaluate("navigator.clipboard.readText()")).toBe(
    "npx weft tap reviews -n default --path '/reviews/*'",
  );
});

it("pauses: nothing more comes, and what came stays", async () => {
  const { page } = await show("/tap");
  await expect.poll(async () => (await requests(page)).length).toBe(5);
  await page.getByRole("button", { name: "Pause" }).click();
  await page.getByText("Paused: no proxy is asked.").waitFor();
  expect((await requests(page)).length).toBe(5);
  await page.getByRole("button", { name: "Go on" }).click();
  await expect.poll(async () => (await requests(page)).length).toBe(10);
  await page.getByRole("button", { name: "Clear" }).click();
  await page.getByRole("heading", { name: "No request yet" }).waitFor();
});

it("a denied request leads to the policy that denied it, or to one that lets it in, as a dry run first", async () => {
  const { page, complaints } = await show("/tap?verdict=denied");
  await page.getByRole("row", { name: /admin/ }).click();
  const byPolicy = page.getByRole("complementary", { name: "POST /admin" });
  await byPolicy.getByRole("link", { name: "no-admin" }).waitFor();
  await byPolicy.getByText("policies.yaml:7").waitFor();
  expect(await byPolicy.getByRole("heading", { name: "Let it in" }).count()).toBe(0);
  await page.keyboard.press("Escape");
  await page.getByRole("row", { name: /ratings\/0/ }).click();
  const byNobody = page.getByRole("complementary", { name: "GET /ratings/0" });
  const policy = byNobody.getByRole("region", { name: "The policy" });
  expect(await policy.textContent()).toContain('istio.io/dry-run: "true"');
  expect(await policy.textContent()).toContain('principals: ["cluster.local/ns/default/sa/bookinfo-reviews"]');
  await byNobody.getByRole("radio", { name: "Enforced" }).check({ force: true });
  await expect.poll(() => policy.textContent()).not.toContain("dry-run");
  expect(complaints).toEqual([]);
});

for (const colorScheme of ["light", "dark"] as const)
  it(`has no fault that axe finds (${colorScheme})`, async () => {
    const { page } = await show("/tap", { colorScheme });
    await page.getByRole("row", { name: /ratings\/0/ }).click();
    await page.getByRole("complementary", { name: "GET /ratings/0" }).waitFor();
    expect(await serious(page)).toEqual([]);
  });
