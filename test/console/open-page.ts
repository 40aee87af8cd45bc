import { existsSync } from "node:fs";
import { type Browser, type BrowserContextOptions, chromium, type Page } from "playwright-core";
import { FakeApi, scenarios } from "../../console/test/fake-api.ts";
import { builtConsole } from "./built-console.ts";

const places = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];

/** @throws where no Chromium is installed. */
export function launch(): Promise<Browser> {
  const executablePath = places.find((place) => existsSync(place));
  if (!executablePath) throw new Error("Chromium is not installed; on Debian: apt-get install chromium");
  const quiet = [
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
  ];
  return chromium.launch({ executablePath, args: ["--no-sandbox", ...quiet] });
}

/** A console in a browser, over a made-up control plane. */
export interface Opened {
  readonly page: Page;
  readonly fake: FakeApi;
  readonly url: string;
  /** What the page complained of, and what it asked of anybody but its own server. */
  readonly complaints: string[];
  readonly close: () => Promise<void>;
}

/** Opens `path` of a fresh browser context. The clock of the control plane runs. */
export async function open(
  browser: Browser,
  scenario: keyof typeof scenarios,
  path: string,
  { prefix = "/", ...options }: BrowserContextOptions & { readonly prefix?: string } = {},
): Promise<Opened> {
  const chosen = scenarios[scenario];
  if (!chosen) throw new Error(`${scenario}: no such scenario`);
  const fake = new FakeApi({ port: 0, scenario: chosen, dist: await builtConsole(), prefix });
  const url = await fake.listen();
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, ...options });
  const page = await context.newPage();
  page.setDefaultTimeout(15_000);
  const complaints: string[] = [];
  page.on("pageerror", (error) => complaints.push(error.message));
  page.on("console", (message) => {
    if (message.type() === "error" || message.type() === "warning") complaints.push(message.text());
  });
  page.on("request", (request) => {
    if (!request.url().startsWith(url) && !request.url().startsWith("data:")) complaints.push(`asked ${request.url()}`);
  });
  await page.goto(`${url}${prefix}${path.slice(1)}`);
  const close = async () => {
    await context.close();
    await fake.close();
  };
  return { page, fake, url, complaints, close };
}

/** Where a node or an edge stands on the screen now: asked of cytoscape, which keeps itself on its container. */
export async function placeOf(page: Page, id: string): Promise<{ readonly x: number; readonly y: number }> {
  const script = `(() => {
    const box = document.querySelector(".graph-stage > div");
    const element = box._cyreg.cy.getElementById(${JSON.stringify(id)});
    if (element.empty()) return null;
    const { left, top } = box.getBoundingClientRect();
    const at = element.isNode() ? element.renderedPosition() : element.renderedMidpoint();
    return { x: left + at.x, y: top + at.y };
  })()`;
  const place = (await page.evaluate(script)) as { x: number; y: number } | null;
  if (!place) throw new Error(`${id} is not on the graph`);
  return place;
}

/** Waits until the graph stands. */
export async function standing(page: Page): Promise<void> {
  await page.locator('[aria-label="Traffic graph"][aria-busy="false"]').waitFor();
}
