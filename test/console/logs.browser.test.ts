import { readFileSync } from "node:fs";
import type { Page } from "playwright-core";
import { expect, it } from "vitest";
import { serious } from "./axe.ts";
import { onePage } from "./one-page.ts";

const open = onePage();
const show = (query = "") => open("healthy", `/workloads/default/reviews-v2?tab=logs${query}`);
const texts = (page: Page) => page.locator(".logs-lines li > span:nth-child(3), .logs-lines summary").allInnerTexts();

it("shows application, proxy and traces by time; what is searched for and left out stands in the address", async () => {
  const { page, complaints } = await show();
  await expect
    .poll(async () => (await texts(page)).map((text) => /reviews\/\d|ratings/.exec(text)?.[0]))
    .toEqual(["reviews/0", "ratings", "reviews/1"]);
  await page.getByRole("searchbox", { name: "Only lines with" }).fill("REVIEWS");
  await expect.poll(async () => (await texts(page)).length).toBe(2);
  await page.getByRole("searchbox", { name: "Not lines with" }).fill("503");
  await expect.poll(async () => (await texts(page)).length).toBe(1);
  await expect.poll(() => new URL(page.url()).search).toBe("?tab=logs&logshow=REVIEWS&loghide=%22503%22");
  await page.getByRole("searchbox", { name: "Only lines with" }).fill("[");
  await page.getByText("RE2 does not take it: missing ]: [").waitFor();
  expect(complaints.filter((words) => !words.includes("400"))).toEqual([]);
});

it("opens an object, leads to the trace of a line, and turns each source off by itself", async () => {
  const { page } = await show();
  await page.getByText("asked ratings").first().click();
  await page.getByText('"msg": "asked ratings"').waitFor();
  const line = page.getByRole("listitem").filter({ hasText: "asked ratings" });
  expect(await line.getByRole("link", { name: "Trace" }).getAttribute("href")).toContain(
    "/traces/4bf92f3577b34da6a3ce929d0e0e4736",
  );
  const access = page.getByRole("listitem").filter({ hasText: "reviews/0" });
  expect(await access.getByRole("link", { name: "Trace?" }).getAttribute("href")).toContain(
    "guid%3Ax-request-id%3D9c1b",
  );
  const toggle = (name: string) => page.locator(".logs-tools fieldset label", { hasText: name }).click();
  await toggle("Traces");
  await expect.poll(() => page.locator(".logs-lines li.spans").count()).toBeGreaterThan(0);
  await toggle("Traces");
  await toggle("Application");
  await expect.poll(async () => (await texts(page)).length).toBe(2);
  await page.getByRole("button", { name: "Pause" }).click();
  await page.getByRole("button", { name: "Follow again" }).waitFor();
  expect(new URL(page.url()).search).toBe("?tab=logs&logsources=proxy&logpause=true");
  expect(await serious(page, ".logs")).toEqual([]);
});

it("a time of the address that makes no sense is none, and one that does narrows the lines", async () => {
  const { page, url } = await show("&logfrom=soon&logto=-5");
  await expect.poll(async () => (await texts(page)).length).toBe(3);
  expect(await page.getByRole("button", { name: "Show all times again" }).count()).toBe(0);
  const noon = Date.UTC(2026, 10, 22, 12);
  await page.goto(`${url}/workloads/default/reviews-v2?tab=logs&logfrom=${noon + 1500}&logto=${noon + 2500}`);
  await expect.poll(async () => (await texts(page)).length).toBe(1);
  await page.getByRole("button", { name: "Show all times again" }).click();
  await expect.poll(async () => (await texts(page)).length).toBe(3);
});

it("downloads what is shown, and names the whole logs; the whole screen has it until it is given back", async () => {
  const { page } = await show("&logsources=proxy");
  await expect.poll(async () => (await texts(page)).length).toBe(2);
  await page.getByRole("button", { name: "Download" }).click();
  const whole = page.getByRole("menuitem", { name: "Proxy of reviews-v2-0.default, whole" });
  expect(await whole.getAttribute("href")).toMatch(/api\/v1\/logs\/reviews-v2-0\.default\?container=proxy&download=$/);
  const [download] = await Promise.all([
    page.waitForEvent("download"),
    page.getByRole("menuitem", { name: "What is shown" }).click(),
  ]);
  expect(download.suggestedFilename()).toBe("reviews-v2.log");
  expect(readFileSync(await download.path(), "utf8").split("\n")[0]).toMatch(
    /^2026-11-22T12:00:01\.000Z reviews-v2-0\.default proxy .*GET \/reviews\/0/,
  );
  await page.getByRole("button", { name: "Whole screen" }).click();
  await page.locator(".logs.whole").waitFor();
  await page.getByRole("button", { name: "Log level" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Close" }).click();
  await page.getByRole("button", { name: "Beside the list again" }).click();
  await page.locator(".logs.whole").waitFor({ state: "detached" });
});

it("sets how much the proxy logs, one logger or all, and says how long that lasts", async () => {
  const { page } = await show();
  await page.getByRole("button", { name: "Log level" }).click();
  const dialog = page.getByRole("dialog", { name: "How much the proxy logs" });
  await dialog.getByText("All 3 loggers write at warning").waitFor();
  await dialog.getByText("It lasts until the proxy starts again").waitFor();
  await dialog.getByRole("combobox", { name: "Logger" }).selectOption("rbac");
  await dialog.getByRole("combobox", { name: "Level" }).selectOption("debug");
  await dialog.getByText("Other than warning: rbac (debug).").waitFor();
  expect(await dialog.getByRole("button", { name: "Copy as CLI" }).getAttribute("title")).toBe(
    "npx weft proxy-config log reviews-v2-0 -n default --level rbac:debug",
  );
  expect(await serious(page, "[role=dialog]")).toEqual([]);
  await dialog.getByRole("button", { name: "Set all back to warning" }).click();
  await dialog.getByText("All 3 loggers write at warning").waitFor();
});
