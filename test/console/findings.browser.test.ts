import { expect, it } from "vitest";
import { serious } from "./axe.ts";
import { onePage } from "./one-page.ts";

const show = onePage();

it("filters findings by level, by project and by code, and keeps that in the address", async () => {
  const { page, url } = await show("refused", "/findings");
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
  await page.goto(`${url}/findings?level=Error`);
  await expect.poll(async () => (await codes()).includes("IST0132")).toBe(false);
});

it("says what the codes of a finding mean, leads to its object, and is named by its address alone", async () => {
  const { page } = await show("refused", "/findings");
  await page.getByRole("row", { name: /IST0101 KIA1107/ }).click();
  const drawer = page.getByRole("complementary", { name: "Finding IST0101" });
  await drawer.getByText("KIA1107: Subset not found").waitFor();
  expect(await drawer.getByRole("link", { name: "What Kiali says of it" }).getAttribute("href")).toBe(
    "https://kiali.io/docs/features/validations/#kia1107---subset-not-found",
  );
  await page.reload();
  await drawer.getByText("IST0101: ReferencedResourceNotFound").waitFor();
  expect(await serious(page)).toEqual([]);
  await drawer.getByRole("link", { name: "Open VirtualService default/reviews" }).first().click();
  await page.getByRole("complementary", { name: "VirtualService reviews" }).waitFor();
});
