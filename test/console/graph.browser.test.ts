import { readFile } from "node:fs/promises";
import type { Page } from "playwright-core";
import { expect, it } from "vitest";
import { serious } from "./axe.ts";
import { onePage } from "./one-page.ts";
import { type Opened, placeOf, standing } from "./open-page.ts";

const node = (name: string) => `workload/default/${name}`;

const show = onePage();

async function traffic(scenario: string, path = "/traffic", options = {}): Promise<Opened> {
  const opened = await show(scenario, path, options);
  await standing(opened.page);
  return opened;
}

const search = (page: Page) => new URL(page.url()).searchParams;
const nodesOf = (page: Page) => page.getByRole("option").count();

it("finds by expressions: Tab completes, Enter takes, the address keeps it; what cannot be read is said", async () => {
  const { page, complaints } = await traffic("failing");
  const find = page.getByRole("textbox", { name: "Find" });
  await find.fill("%httpe");
  await find.press("Tab");
  expect(await find.inputValue()).toBe("%httperr");
  await find.pressSequentially(" > 20 or app = details");
  await find.press("Enter");
  await page.getByText("2 found").waitFor();
  expect(search(page).get("find")).toBe("%httperr > 20 or app = details");
  await find.fill("app = reviews and http > 1");
  await find.press("Enter");
  await page.getByText("AND joins either nodes or edges").waitFor();
  expect(await find.getAttribute("aria-invalid")).toBe("true");
  await find.press("Escape");
  await expect.poll(() => search(page).has("find")).toBe(false);
  expect(complaints).toEqual([]);
});

it("hides, and says how much; presets are there", async () => {
  const { page } = await traffic("failing", "/traffic?hide=name%20%3D%20unknown");
  expect(await nodesOf(page)).toBe(9);
  await page.getByText("2 hidden").waitFor();
  await page.getByRole("button", { name: "Hide: presets" }).click();
  await page.getByRole("menuitem", { name: /Healthy nodes/ }).click();
  await expect.poll(() => nodesOf(page), { timeout: 10_000 }).toBe(2);
  expect(search(page).get("hide")).toBe("healthy");
});

it("asks for another type, and keeps in the address what is shown", async () => {
  const { page, complaints } = await traffic("healthy");
  const asked = page.waitForRequest((request) => request.url().includes("type=versioned"));
  await page.getByRole("button", { name: "Nodes: Workloads" }).click();
  await page.getByRole("menuitemradio", { name: "Versioned apps" }).click();
  await asked;
  await page.keyboard.press("Escape");
  await page.getByRole("button", { name: "Show", exact: true }).click();
  await page.getByRole("menuitemcheckbox", { name: "Rank by callers" }).click();
  const services = page.waitForRequest((request) => request.url().includes("services=true"));
  await page.getByRole("menuitemcheckbox", { name: "Service nodes" }).click();
  await services;
  await page.keyboard.press("Escape");
  await page.getByRole("button", { name: "Labels" }).click();
  await page.getByRole("menuitemcheckbox", { name: "Response time, p99" }).click();
  await page.keyboard.press("Escape");
  await page.getByRole("button", { name: "Traffic", exact: true }).click();
  await page.getByRole("menuitemradio", { name: "Bytes sent" }).click();
  await expect
    .poll(() => Object.fromEntries(search(page)))
    .toEqual({
      type: "versioned",
      show: "services,rank",
      label: "p99",
      kinds: "tcp:sent",
    });
  expect(complaints).toEqual([]);
});

it("replays what is stored: plays, pauses, goes back to now", async () => {
  const { page, complaints } = await traffic("failing", "/traffic", { reducedMotion: "reduce" });
  await page.getByRole("button", { name: "Replay" }).click();
  const slider = page.getByRole("slider", { name: "Moment" });
  const moment = () => Number(search(page).get("moment"));
  const first = moment();
  expect(first % 10_000).toBe(0);
  await page.getByText("fast", { exact: true }).click();
  await page.getByRole("button", { name: "Play", exact: true }).click();
  await expect.poll(moment, { timeout: 15_000 }).toBeGreaterThan(first + 10_000);
  await page.getByRole("button", { name: "Pause" }).click();
  await slider.focus();
  const asked = page.waitForRequest((request) => new URL(request.url()).searchParams.get("at") === String(moment()));
  await page.keyboard.press("ArrowRight");
  await asked;
  await page.getByRole("heading", { name: /^At \d\d:\d\d:\d\d$/ }).waitFor();
  await page.getByRole("combobox", { name: "How far the replay goes back" }).selectOption("3600");
  expect(search(page).get("span")).toBe("3600");
  await page.getByRole("button", { name: "Back to now" }).click();
  await slider.waitFor({ state: "detached" });
  expect(complaints).toEqual([]);
});

it("takes the graph away as data, report and picture", async () => {
  const { page, complaints } = await traffic("failing");
  const saved = async (name: string) => {
    const download = page.waitForEvent("download");
    await page.getByRole("button", { name: "Export" }).click();
    await page.getByRole("menuitem", { name }).click();
    const file = await download;
    return { name: file.suggestedFilename(), bytes: await readFile(await file.path()) };
  };
  const json = await saved("Data (JSON)");
  expect(json.name).toMatch(/^bookinfo-traffic-.*\.json$/);
  const data = JSON.parse(json.bytes.toString()) as { graph: { nodes: unknown[] }; link: string };
  expect([data.graph.nodes.length, new URL(data.link).pathname]).toEqual([10, "/traffic"]);
  const report = (await saved("Report (Markdown)")).bytes.toString();
  expect(report).toContain("# Traffic of bookinfo");
  expect(report).toMatch(
    /\| productpage-v1 \| reviews-v2 \| http \| .* \| failing \| .*UF \(no connection to the callee\)/,
  );
  expect((await saved("Picture (PNG)")).bytes.subarray(1, 4).toString()).toBe("PNG");
  expect(complaints).toEqual([]);
});

it("offers by the second button what can be done with a node, and shows it with its neighbours alone", async () => {
  const { page, complaints } = await traffic("failing");
  const at = await placeOf(page, node("ratings-v2-mysql"));
  await page.mouse.click(at.x, at.y, { button: "right" });
  await page.getByRole("menuitem", { name: "It and its neighbours alone" }).click();
  await expect.poll(() => nodesOf(page), { timeout: 10_000 }).toBe(3);
  expect(search(page).get("focus")).toBe(node("ratings-v2-mysql"));
  await page.getByRole("button", { name: "Show the whole graph" }).click();
  await expect.poll(() => nodesOf(page), { timeout: 10_000 }).toBe(10);
  expect(complaints).toEqual([]);
});

it("shows namespaces in place of 5,000 workloads, and what is in the one that is clicked", async () => {
  const { page, complaints } = await traffic("huge");
  expect(await nodesOf(page)).toBe(100);
  await page.getByText("5000 nodes, 100 namespaces folded").waitFor();
  const at = await placeOf(page, "namespace/team-07");
  await page.mouse.click(at.x, at.y, { button: "right" });
  await page.getByRole("menuitem", { name: "Show what is in it" }).click();
  await expect.poll(() => nodesOf(page), { timeout: 15_000 }).toBe(149);
  expect(search(page).get("expand")).toBe("team-07");
  await page.getByRole("button", { name: "Fold team-07" }).click();
  await expect.poll(() => nodesOf(page), { timeout: 15_000 }).toBe(100);
  expect(complaints).toEqual([]);
});

it("is small beside a workload, and leads to the large one", async () => {
  const { page, complaints } = await traffic("failing", `/workloads/default/reviews-v2`);
  expect(await nodesOf(page)).toBe(3);
  await page.getByRole("link", { name: "In the whole graph" }).click();
  await standing(page);
  expect([new URL(page.url()).pathname, search(page).get("focus")]).toEqual(["/traffic", node("reviews-v2")]);
  expect(complaints).toEqual([]);
});

it.each(["light", "dark"] as const)("has nothing that axe calls serious, in %s", async (colorScheme) => {
  const { page } = await traffic("failing", "/traffic?find=rt%20%3E%2040&show=rank&moment=1700000000000", {
    colorScheme,
    reducedMotion: "reduce",
  });
  expect(await serious(page)).toEqual([]);
});
