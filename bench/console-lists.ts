// First paint, filter and order of the console's lists over a made-up mesh of 5,000 workloads and 10,000 proxies, in Chromium.
import { performance } from "node:perf_hooks";
import { launch, open } from "../test/console/open-page.ts";

const rounds = Number(process.argv[2] ?? 5);
const pages = [
  ["/workloads", "Filter workloads", "team-42-svc-17", "Workloads 1 of 5000"],
  ["/services", "Filter services", "team-42-svc-17", "Services 1 of 5000"],
  ["/sync", "Filter sync", "team-42-svc-17-1", "Sync 1 of 10000"],
] as const;

const browser = await launch();
for (const [path, filter, typed, heading] of pages) {
  const paints: number[] = [];
  const filters: number[] = [];
  const orders: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const { page, url, close } = await open(browser, "many", path);
    await page.locator("tbody tr[data-key]").first().waitFor();
    // The first visit compiled and cached the scripts, as a browser of somebody who was here before has them.
    await page.goto("about:blank");
    const from = performance.now();
    await page.goto(`${url}${path}`, { waitUntil: "commit" });
    await page.locator("tbody tr[data-key]").first().waitFor();
    paints.push(performance.now() - from);
    filters.push(await timed(page, filter, typed, heading));
    await page.getByRole("searchbox", { name: filter }).fill("");
    const before = performance.now();
    await page.getByRole("columnheader").nth(1).getByRole("button").click();
    await page.locator('th:nth-child(2)[aria-sort="ascending"]').waitFor();
    orders.push(performance.now() - before);
    await close();
  }
  console.log(`${path}: first rows ${words(paints)}; filter ${words(filters)}; order ${words(orders)}`);
}
await browser.close();

/** Milliseconds in the page from the last key until the heading says how many are left and the frame is painted. */
function timed(
  page: Awaited<ReturnType<typeof open>>["page"],
  filter: string,
  typed: string,
  heading: string,
): Promise<number> {
  return page.evaluate(`new Promise((done) => {
    const input = [...document.querySelectorAll("input[type=search]")].find((one) => one.closest("label").textContent === ${JSON.stringify(filter)});
    const title = () => document.querySelector(".table-tools h1").textContent;
    const set = Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, "value").set;
    const from = performance.now();
    set.call(input, ${JSON.stringify(typed)});
    input.dispatchEvent(new Event("input", { bubbles: true }));
    const look = () => title() === ${JSON.stringify(heading)} ? requestAnimationFrame(() => done(performance.now() - from)) : requestAnimationFrame(look);
    look();
  })`) as Promise<number>;
}

function words(values: readonly number[]): string {
  const sorted = values.toSorted((a, b) => a - b);
  return `${Math.round(sorted[Math.floor(sorted.length / 2)] ?? 0)} ms (${Math.round(sorted[0] ?? 0)} to ${Math.round(sorted.at(-1) ?? 0)})`;
}
