import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";
import { type Browser, chromium, type Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { NOBODY, openShop, openWith, type Shop } from "./test-mesh.ts";

/** The page as a person gets it: in Chromium, with its style, its content security policy and its form. */

let browser: Browser;
let shop: Shop;
beforeAll(async () => {
  const folders = (process.env["PATH"] ?? "").split(delimiter);
  const executablePath = ["chromium", "chromium-browser", "google-chrome"]
    .flatMap((name) => folders.map((folder) => join(folder, name)))
    .find((path) => existsSync(path));
  if (executablePath === undefined) throw new Error("Chromium is not installed; on Debian: apt-get install chromium");
  browser = await chromium.launch({
    executablePath,
    args: ["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
  });
});
afterAll(() => browser?.close());
beforeEach(() => {
  shop = openShop();
});
afterEach(() => shop.close());

/** Opens an address; what the browser complains about is kept in `complaints`. */
async function open(
  url: string,
  width: number,
  colorScheme: "light" | "dark",
): Promise<{ page: Page; complaints: string[] }> {
  const page = await browser.newPage({ viewport: { width, height: 800 }, colorScheme });
  const complaints: string[] = [];
  page.on("console", (message) => complaints.push(message.text()));
  page.on("pageerror", (error) => complaints.push(error.message));
  page.on("requestfailed", (request) => complaints.push(`${request.url()} failed`));
  await page.goto(url);
  return { page, complaints };
}

test.each([
  [1280, "light"],
  [1280, "dark"],
  [390, "light"],
  [320, "dark"],
] as const)("at %i pixels in %s nothing sticks out and nothing is amiss, also in failure", async (width, scheme) => {
  const whole = await openWith(shop, "v3");
  const broken = await shop.productpage({ DETAILS_URL: NOBODY, REVIEWS_URL: NOBODY });
  for (const base of [whole, broken]) {
    const { page, complaints } = await open(`${base}/productpage`, width, scheme);
    const over = await page.evaluate<number>("document.documentElement.scrollWidth");
    expect(over).toBeLessThanOrEqual(width);
    expect(complaints).toEqual([]);
    await page.close();
  }
});

test("styles are in force, for both themes", async () => {
  const base = await openWith(shop, "v2");
  const colors = await Promise.all(
    (["light", "dark"] as const).map(async (scheme) => {
      const { page } = await open(`${base}/productpage`, 1000, scheme);
      const color = await page.evaluate<string>("getComputedStyle(document.body).backgroundColor");
      await page.close();
      return color;
    }),
  );
  expect(colors).toEqual(["rgb(251, 251, 250)", "rgb(19, 19, 18)"]);
});

test("jason signs in by the form and out by the link", async () => {
  const { page, complaints } = await open(`${await openWith(shop, "v1")}/productpage`, 1000, "light");
  await page.getByLabel("Sign in as").fill("jason");
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByText("Signed in as jason").waitFor();
  await page.getByRole("link", { name: "Sign out" }).click();
  await page.getByLabel("Sign in as").waitFor();
  expect(complaints).toEqual([]);
  await page.close();
});
