import { expect, it } from "vitest";
import { serious } from "./axe.ts";
import { onePage } from "./one-page.ts";

const show = onePage();

it("says on the overview what is worst, what there is and how it is, and leads there", async () => {
  const { page, complaints } = await show("failing", "/overview?window=300");
  await page.getByRole("link", { name: /reviews-v2 answers 503/ }).waitFor();
  const there = page.getByRole("region", { name: "What there is" });
  await there
    .getByRole("row", { name: /Workloads 9/ })
    .getByRole("img", { name: "failing" })
    .waitFor();
  await page.getByRole("region", { name: "Most failures" }).getByRole("link", { name: "reviews" }).click();
  await page.getByRole("complementary", { name: "reviews" }).waitFor();
  expect(new URL(page.url()).search).toBe("?window=300");
  expect(complaints).toEqual([]);
});

it("shows what the mesh is made of, and what holds for all of it", async () => {
  const { page, complaints } = await show("failing", "/mesh");
  await page.getByRole("region", { name: "Control plane" }).getByText("made for Envoy 1.40.0").waitFor();
  await page.getByRole("region", { name: "Settings" }).getByText("any host outside may be called").waitFor();
  await page.getByRole("region", { name: "Telemetry" }).getByText("no Pod behind it is ready").waitFor();
  await page.getByRole("region", { name: "Not supported here" }).getByText("no ztunnel and no waypoint").waitFor();
  await page.getByRole("region", { name: "Data planes" }).getByRole("link", { name: "default" }).click();
  await page.getByRole("complementary", { name: "default" }).getByText("Workloads, worst first").waitFor();
  expect(complaints).toEqual([]);
});

it.each([
  ["/namespaces", "default", "default", "What holds here"],
  ["/applications", "reviews", "reviews", "Services that lead here"],
  ["/services", "reviews", "reviews", "Workloads behind it"],
  ["/gateways", "istio-ingressgateway", "istio-ingressgateway", "8443 HTTPS"],
])("opens a detail of %s beside its list", async (path, row, name, part) => {
  const { page, complaints } = await show("failing", path);
  await page.locator(`tbody tr[data-key$="${row}"]`).getByText(row).first().click();
  await page.getByRole("complementary", { name }).getByText(part).waitFor();
  await page.keyboard.press("Escape");
  await page.getByRole("complementary", { name }).waitFor({ state: "detached" });
  expect(new URL(page.url()).pathname).toBe(path);
  expect(complaints).toEqual([]);
});

it("tells metrics apart by what is chosen, which stands in the address", async () => {
  const { page, complaints } = await show("failing", "/services/default/reviews?tab=metrics");
  const drawer = page.getByRole("complementary", { name: "reviews" });
  await drawer.getByRole("img", { name: "Requests over time" }).waitFor();
  await drawer.getByText("Code", { exact: true }).click();
  await drawer.getByRole("listitem").filter({ hasText: "503" }).first().waitFor();
  await drawer.getByText("p99", { exact: true }).click();
  await drawer.getByRole("img", { name: "Latency, p99 over time" }).waitFor();
  expect(new URL(page.url()).search).toBe("?tab=metrics&by=code&quantile=p99");
  expect(complaints).toEqual([]);
});

it("shows when certificates end, what could not be renewed, and asks before it makes new ones", async () => {
  const { page, fake, complaints } = await show("failing", "/certificates");
  await page.getByRole("alert").getByText("the root does not sign yet").waitFor();
  await page.getByRole("button", { name: "within 1 y: 1 certificate" }).click();
  await page.getByRole("heading", { name: "Certificates 1" }).waitFor();
  expect(new URL(page.url()).search).toBe("?ends=1+y");
  await page.getByRole("button", { name: "New certificates for workloads" }).click();
  await page.getByText("Connections stay open").waitFor();
  expect(fake.posted).toEqual([]);
  await page.getByRole("button", { name: "Go on" }).click();
  await page.getByText("Done.").waitFor();
  expect(fake.posted.map(({ path }) => path)).toEqual(["/api/v1/certificates/reissue"]);
  expect(complaints).toEqual([]);
});

it("shows what each proxy took and refused, and where to read on", async () => {
  const { page, complaints } = await show("refused", "/sync");
  const row = page.locator('tbody tr[data-key="productpage-v1-0.default"]');
  await row.getByText("5/6").waitFor();
  await row.getByRole("img", { name: "refused" }).waitFor();
  await row.getByRole("cell", { name: "refused", exact: true }).click();
  await page.getByRole("complementary", { name: "productpage-v1" }).waitFor();
  expect(complaints).toEqual([]);
});

it("says what weft check says, with how to mend it", async () => {
  const { page, complaints } = await show("refused", "/check");
  await page.getByRole("heading", { name: "1 failed, 1 warning, 5 well" }).waitFor();
  await page.getByText("To mend it: weft proxy-status POD has Envoy's words").waitFor();
  expect(complaints).toEqual([]);
});

it("keeps but a few of 10,000 rows in the document, and filters them", async () => {
  const { page } = await show("many", "/sync");
  await page.getByRole("heading", { name: "Sync 10000" }).waitFor();
  expect(await page.locator("tbody tr[data-key]").count()).toBeLessThan(80);
  await page.getByRole("searchbox", { name: "Filter sync" }).fill("team-42-svc-17-1");
  await page.getByRole("heading", { name: "Sync 1 of 10000" }).waitFor();
});

it.each([
  "/overview",
  "/mesh",
  "/namespaces/default",
  "/applications/default/reviews",
  "/services/default/reviews?tab=metrics",
  "/services/default/reviews?tab=traffic",
  "/gateways/istio-system/istio-ingressgateway",
  "/outside",
  "/certificates",
  "/sync",
  "/check",
])("has nothing that axe calls serious, and fits a narrow screen: %s", async (path) => {
  const { page } = await show("failing", path);
  await page.locator("main h1, main .note h2").first().waitFor();
  if (path.split("/").length > 2) await page.locator(".drawer .part, .drawer .metrics").first().waitFor();
  for (const colorScheme of ["light", "dark"] as const) {
    await page.emulateMedia({ colorScheme });
    await expect.poll(() => page.locator("html").getAttribute("data-mantine-color-scheme")).toBe(colorScheme);
    expect(await serious(page), colorScheme).toEqual([]);
  }
  await page.setViewportSize({ width: 420, height: 800 });
  expect(await page.evaluate("document.documentElement.scrollWidth <= innerWidth")).toBe(true);
});

it("lists who tried to change what, filtered by what came of it, and gives it away as a table", async () => {
  const { page, complaints } = await show("healthy", "/audit");
  const rows = page.locator("tbody tr[data-key]");
  await expect.poll(() => rows.count()).toBe(3);
  await page.getByRole("row", { name: /VirtualService default\/reviews: configured/ }).waitFor();
  await page.getByText("Not done", { exact: true }).click();
  await expect.poll(() => rows.count()).toBe(2);
  expect(new URL(page.url()).search).toBe("?outcome=not");
  const [download] = await Promise.all([
    page.waitForEvent("download"),
    page.getByRole("button", { name: "CSV" }).click(),
  ]);
  expect(download.suggestedFilename()).toBe("audit.csv");
  expect(await serious(page)).toEqual([]);
  expect(complaints).toEqual([]);
});
