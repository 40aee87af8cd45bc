import axe from "axe-core";
import type { Page } from "playwright-core";
import { expect, it } from "vitest";
import { serious } from "./axe.ts";
import { onePage } from "./one-page.ts";
import { standing } from "./open-page.ts";

const show = onePage();

const isFocused = (element: { ownerDocument: { activeElement: unknown } }) =>
  element === element.ownerDocument.activeElement;
const names = (page: Page, column = 1) =>
  page.locator(`tbody tr[data-key] td:nth-child(${column + 1})`).allInnerTexts();

it("lists workloads worst first, sorts, filters, and keeps both in the address", async () => {
  const { page, url, complaints } = await show("failing", "/workloads");
  await page.getByRole("row", { name: /reviews-v2/ }).waitFor();
  expect((await names(page)).slice(0, 3)).toEqual(["reviews-v2", "productpage-v1", "ratings-v2-mysql"]);
  await page.getByRole("button", { name: "Workload", exact: true }).click();
  await expect.poll(() => names(page)).toEqual((await names(page)).toSorted());
  expect(await page.getByRole("columnheader", { name: "Workload" }).getAttribute("aria-sort")).toBe("ascending");
  await page.getByRole("searchbox", { name: "Filter workloads" }).fill("ratings default");
  await expect.poll(() => names(page)).toEqual(["ratings-v1", "ratings-v2-mysql"]);
  await page.getByRole("heading", { name: "Workloads 2 of 9" }).waitFor();
  expect(page.url()).toBe(`${url}/workloads?sort=name&q=ratings%20default`.replaceAll("%20", "+"));
  expect(complaints).toEqual([]);
});

it("is walked by keys, opens a row with Enter, and gives the focus back", async () => {
  const { page } = await show("failing", "/workloads");
  const rows = page.locator("tbody tr[data-key]");
  await rows.first().focus();
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("Enter");
  await page.getByRole("complementary", { name: "ratings-v2-mysql" }).waitFor();
  await page.keyboard.press("Escape");
  await expect.poll(() => rows.nth(2).evaluate(isFocused)).toBe(true);
});

it("tells what each proxy took and refused, in Envoy's own words, and leads to the lines it was made of", async () => {
  const { page, complaints } = await show("refused", "/workloads/default/productpage-v1");
  const drawer = page.getByRole("complementary", { name: "productpage-v1" });
  await drawer.getByText("Duplicate entry of domain reviews").waitFor();
  const routes = drawer.getByRole("row", { name: /RDS routes/ }).first();
  expect(await routes.getByRole("cell").allInnerTexts()).toEqual(["RDS routes", "6", "5", ""]);
  await routes.getByRole("img", { name: "refused" }).waitFor();
  expect(await drawer.getByText("expires in 23").count()).toBe(2);
  await drawer.getByRole("link", { name: "VirtualService reviews" }).first().click();
  await page.getByRole("complementary", { name: "VirtualService reviews" }).waitFor();
  expect(complaints).toEqual([]);
});

it("has tabs with addresses of their own, beside the list", async () => {
  const { page, url, complaints } = await show("failing", "/workloads/default/reviews-v2?window=300");
  const drawer = page.getByRole("complementary", { name: "reviews-v2" });
  const tabs = drawer.getByRole("navigation", { name: "Parts of reviews-v2" });
  expect(await tabs.getByRole("link", { name: "Overview" }).getAttribute("aria-current")).toBe("page");
  await tabs.getByRole("link", { name: "Traffic" }).click();
  await drawer.getByRole("heading", { name: "Called by" }).waitFor();
  expect(page.url()).toBe(`${url}/workloads/default/reviews-v2?window=300&tab=traffic`);
  await page
    .getByRole("row", { name: /details-v1/ })
    .getByText("details-v1")
    .click();
  await page.getByRole("complementary", { name: "details-v1" }).getByRole("heading", { name: "Called by" }).waitFor();
  expect(new URL(page.url()).search).toBe("?window=300&tab=traffic");
  expect(complaints).toEqual([]);
});

it("copies the command that shows the same, and hides a column until it is asked for again", async () => {
  const { page, url } = await show("refused", "/workloads?ns=default");
  await page.context().grantPermissions(["clipboard-read", "clipboard-write"], { origin: url });
  await page.getByRole("button", { name: "Copy as CLI" }).click();
  await page.getByText("Copied").waitFor();
  expect(await page.evaluate("navigator.clipboard.readText()")).toBe("npx weft proxy-status -n default");
  await page.getByRole("button", { name: "Columns" }).click();
  await page.getByRole("menuitemcheckbox", { name: "Restarts" }).click();
  await page.getByRole("columnheader", { name: "Restarts" }).waitFor({ state: "detached" });
  await page.reload();
  await page.getByRole("columnheader", { name: "p95" }).waitFor();
  expect(await page.getByRole("columnheader", { name: "Restarts" }).count()).toBe(0);
});

it("holds 500 rows and keeps but a few in the document", async () => {
  const { page } = await show("large", "/workloads");
  await page.getByRole("heading", { name: "Workloads 500" }).waitFor();
  expect((await names(page)).length).toBeLessThan(80);
  await page.locator("tbody tr[data-key]").first().focus();
  await page.keyboard.press("End");
  await expect.poll(() => page.locator("tbody tr[data-index='499']").evaluate(isFocused)).toBe(true);
});

it("lists configuration with what was found, by level and kind", async () => {
  const { page, complaints } = await show("refused", "/config");
  await page.getByRole("row", { name: /reviews VirtualService/ }).waitFor();
  expect((await names(page)).slice(0, 3)).toEqual(["reviews", "ratings", "mysqldb"]);
  await page.getByText("Findings 5", { exact: true }).click();
  const file = page.getByRole("row", { name: /WEFT0002/ });
  await file.waitFor();
  await page.getByRole("button", { name: "Error 3" }).click();
  await expect.poll(() => names(page)).toEqual(["WEFT0002", "IST0101 KIA1107", "WEFT0012"]);
  await file.click();
  await page
    .getByRole("complementary", { name: "Finding at half.yaml:4:1" })
    .getByText("replace the tab by two spaces")
    .waitFor();
  await page
    .getByRole("row", { name: /WEFT0012/ })
    .getByText("WEFT0012")
    .click();
  await page.getByRole("complementary", { name: "VirtualService reviews" }).waitFor();
  expect(complaints).toEqual([]);
});

it("marks in the YAML the lines that something was found about", async () => {
  const { page, complaints } = await show("refused", "/config/VirtualService.networking.istio.io/default/reviews");
  const drawer = page.getByRole("complementary", { name: "VirtualService reviews" });
  await drawer.locator(".cm-line.found.error", { hasText: "subset: v22" }).waitFor();
  await drawer.getByRole("button", { name: "reviews.yaml:31:16" }).click();
  await expect.poll(() => drawer.locator(".cm-line", { hasText: "timeout: 2 seconds" }).isVisible()).toBe(true);
  await drawer.getByText("6 of 8 proxies that need it acknowledged it").waitFor();
  expect(complaints).toEqual([]);
});

it("finds workloads and configuration by Ctrl-K", async () => {
  const { page } = await show("healthy", "/config");
  await page.getByRole("row", { name: /bookinfo-gateway/ }).waitFor();
  await page.keyboard.press("Control+k");
  const box = page.getByRole("combobox", { name: /Search workloads/ });
  await box.fill("virtual rev");
  await page.getByRole("option", { name: /reviews VirtualService in default/ }).waitFor();
  await box.press("Enter");
  await page.getByRole("complementary", { name: "VirtualService reviews" }).waitFor();
});

it("keeps the theme that was chosen, and follows the system where none was", async () => {
  const { page } = await show("healthy", "/workloads", { colorScheme: "dark" });
  const scheme = () => page.locator("html").getAttribute("data-mantine-color-scheme");
  await page.getByRole("row", { name: /reviews-v1/ }).waitFor();
  expect(await scheme()).toBe("dark");
  await page.getByRole("button", { name: /^Theme/ }).click();
  await page.getByRole("menuitemradio", { name: "Light" }).click();
  await expect.poll(scheme).toBe("light");
  await page.reload();
  await page.getByRole("row", { name: /reviews-v1/ }).waitFor();
  expect(await scheme()).toBe("light");
});

it.each(["/traffic", "/traffic/node/workload/default/reviews-v2", "/workloads/default/reviews-v2", "/config"])(
  "has nothing that axe calls serious, and fits a narrow screen: %s",
  async (path) => {
    const { page } = await show("failing", path);
    if (path.startsWith("/traffic")) await standing(page);
    else await page.locator("tbody tr[data-key]").first().waitFor();
    for (const colorScheme of ["light", "dark"] as const) {
      await page.emulateMedia({ colorScheme });
      await expect.poll(() => page.locator("html").getAttribute("data-mantine-color-scheme")).toBe(colorScheme);
      expect(await serious(page), colorScheme).toEqual([]);
    }
    await page.setViewportSize({ width: 420, height: 800 });
    expect(await page.evaluate("document.documentElement.scrollWidth <= innerWidth")).toBe(true);
  },
);

it("tells who was refused by which line of which policy, and who calls in plaintext, where somebody was", async () => {
  const { page, complaints } = await show("refused", "/workloads/default/details-v1");
  const drawer = page.getByRole("complementary", { name: "details-v1" });
  const refused = drawer.getByRole("table", { name: "Refused", exact: true });
  await refused.waitFor();
  const rows = await refused.getByRole("row").allInnerTexts();
  expect(rows[1]).toMatch(/^default\/sa\/foreign\s+GET \/details\/\{\*\}\s+no policy that allows matches\s+1\.2k\s+2/);
  expect(rows[2]).toMatch(/DELETE \/details\/\{\*\}\s+by details-read-only, rule 0 policies\.yaml:12\s+3\s+10/);
  await drawer.getByRole("table", { name: "A dry run would refuse" }).waitFor();
  const plaintext = drawer.getByRole("table", { name: "In plaintext, which is let in" });
  expect((await plaintext.getByRole("row").allInnerTexts())[1]).toMatch(/^default\/old\s+port 9080\s+17/);
  const found = await page.evaluate(axe.source).then(() => page.evaluate("axe.run('aside')"));
  expect((found as { violations: unknown[] }).violations).toEqual([]);
  await page.goto(page.url().replace("details-v1", "reviews-v1"));
  await page.getByRole("complementary", { name: "reviews-v1" }).waitFor();
  expect(await page.getByRole("heading", { name: "Refusals and plaintext" }).count()).toBe(0);
  expect(complaints).toEqual([]);
});
