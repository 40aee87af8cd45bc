import type { Page } from "playwright-core";
import { expect, it } from "vitest";
import { serious } from "./axe.ts";
import { onePage } from "./one-page.ts";

const show = onePage();

const rows = (page: Page) => page.locator("tbody tr[data-key]");
/** The trace of that number that the sample has; each seventh that is no third one fails at the ratings. */
const id = (number: number) => number.toString(16).padStart(32, "0");
const failing = id(700_000_000);
const well = id(700_000_001);

it("lists traces with their plot, narrows them, and keeps that in the address", async () => {
  const { page, complaints } = await show("failing", "/traces?window=300");
  await page.getByRole("heading", { name: /Traces \d+/ }).waitFor();
  await page.getByRole("img", { name: /traces over time by duration, \d+ with failures/ }).waitFor();
  await page.getByText("Failed", { exact: true }).click();
  await expect.poll(() => page.url()).toContain("failed=true");
  await expect.poll(async () => new Set(await rows(page).locator("td:nth-child(4)").allInnerTexts()).size).toBe(1);
  await page.getByText("Heat map", { exact: true }).click();
  await expect.poll(() => page.url()).toContain("chart=heat");
  await page.getByRole("textbox", { name: /Only traces with this tag/ }).fill("http.method=GET");
  await page.keyboard.press("Enter");
  await expect.poll(() => page.url()).toContain("tag=http.method");
  expect(await serious(page)).toEqual([]);
  expect(complaints).toEqual([]);
});

it("opens a trace by keys, says where it failed, and walks its spans", async () => {
  const { page, complaints } = await show("failing", "/traces?window=300&failed=true");
  await rows(page).first().focus();
  await page.keyboard.press("Enter");
  const drawer = page.getByRole("complementary", { name: /^Trace / });
  await drawer.getByText(/It failed at ratings-v1, answered 503/).waitFor();
  const spans = drawer.getByRole("table", { name: "Spans by time" }).locator("tbody tr");
  expect(await spans.count()).toBe(9);
  await spans.first().focus();
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("Enter");
  await expect.poll(() => page.url()).toMatch(/spanid=[0-9a-f]{16}/);
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("ArrowLeft");
  await expect.poll(() => spans.count()).toBe(3);
  await page.keyboard.press("ArrowRight");
  await expect.poll(() => spans.count()).toBe(9);
  await page.keyboard.press("Escape");
  await drawer.waitFor({ state: "detached" });
  expect(complaints).toEqual([]);
});

it("shows a span with what metrics say of its like, and two traces side by side, by their address alone", async () => {
  const { page, complaints } = await show("failing", `/traces/${failing}?with=${well}`, { colorScheme: "dark" });
  const drawer = page.getByRole("complementary", { name: `Trace ${failing}` });
  await drawer.getByText(/Of all requests to ratings-v1 in the ten minutes around it half took up to/).waitFor();
  await drawer.getByRole("row", { name: /http.status_code 503/ }).waitFor();
  const compared = drawer.getByRole("table", { name: "Steps of both" });
  await compared.getByRole("row", { name: /details-v1/ }).waitFor();
  expect(await drawer.getByRole("link", { name: "Its logs then" }).getAttribute("href")).toContain("tab=logs");
  await drawer.getByRole("link", { name: "Open the other" }).click();
  await page.getByRole("complementary", { name: `Trace ${well}` }).waitFor();
  expect(await serious(page)).toEqual([]);
  expect(complaints).toEqual([]);
});

it("a workload has its traces in a tab, with the time at it and the percentiles of all its requests", async () => {
  const { page, complaints } = await show("failing", "/workloads/default/reviews-v2?tab=traces&window=300");
  const drawer = page.getByRole("complementary", { name: "reviews-v2" });
  await drawer.getByRole("columnheader", { name: "There" }).waitFor();
  await drawer.getByText("p99 of all requests").waitFor();
  await drawer.getByText("Failed", { exact: true }).click();
  await expect.poll(() => page.url()).toContain("traces=failed%3Dtrue");
  await drawer.locator("tbody tr[data-key]").first().click();
  await page.getByRole("complementary", { name: /^Trace / }).waitFor();
  await page.getByRole("button", { name: "Traces of default/reviews-v2; show those of everything" }).waitFor();
  expect(complaints).toEqual([]);
});

it("says what would be here where nothing is, and that a trace is gone", async () => {
  const { page, url } = await show("quiet", "/traces");
  await page.getByRole("heading", { name: "No traces in this time" }).waitFor();
  await page.goto(`${url}/traces/${id(0)}`);
  await page.getByText("The control plane could not answer this").waitFor();
});
