import axe from "axe-core";
import type { Browser } from "playwright-core";
import { afterAll, afterEach, beforeAll, expect, it } from "vitest";
import { launch, type Opened, open } from "./open-page.ts";

let browser: Browser;
let opened: Opened | undefined;

beforeAll(async () => {
  browser = await launch();
});
afterAll(() => browser?.close());
afterEach(async () => {
  await opened?.close();
  opened = undefined;
});

it("filters findings by level, by project and by code, and keeps that in the address", async () => {
  opened = await open(browser, "refused", "/findings");
  const { page } = opened;
  const codes = () => page.locator("tbody tr[data-key] td:nth-child(2)").allInnerTexts();
  await page.getByRole("row", { name: /IST0101 KIA1107/ }).waitFor();
  const all = (await codes()).length;
  expect(all).toBeGreaterThan(2);
  await page.locator("label", { hasText: "Kiali" }).click();
  await expect.poll(codes).toEqual(["IST0101 KIA1107"]);
  expect(page.url()).toContain("tool=KIA");
  await page.locator("label", { hasText: "All" }).click();
  await page.getByRole("button", { name: "Code: All codes" }).click();
  await page.getByRole("menuitem", { name: /IST0132/ }).click();
  await expect.poll(codes).toEqual(["IST0132"]);
  await page.goto(`${opened.url}/findings?level=Error`);
  await expect.poll(async () => (await codes()).includes("IST0132")).toBe(false);
});

it("says what the codes of a finding mean, leads to its object, and is named by its address alone", async () => {
  opened = await open(browser, "refused", "/findings");
  const { page } = opened;
  await page.getByRole("row", { name: /IST0101 KIA1107/ }).click();
  const drawer = page.getByRole("complementary", { name: "Finding IST0101" });
  await drawer.getByText("KIA1107: Subset not found").waitFor();
  expect(await drawer.getByRole("link", { name: "What Kiali says of it" }).getAttribute("href")).toBe(
    "https://kiali.io/docs/features/validations/#kia1107---subset-not-found",
  );
  await page.reload();
  await drawer.getByText("IST0101: ReferencedResourceNotFound").waitFor();
  await page.evaluate(axe.source);
  const script = `axe.run(document, { resultTypes: ["violations"] }).then((r) => r.violations.filter((v) => v.impact === "serious" || v.impact === "critical").map((v) => v.id + ": " + v.nodes.map((n) => n.html.slice(0, 120)).join("; ")))`;
  expect(await page.evaluate(script)).toEqual([]);
  await drawer.getByRole("link", { name: "Open VirtualService default/reviews" }).first().click();
  await page.getByRole("complementary", { name: "VirtualService reviews" }).waitFor();
});
