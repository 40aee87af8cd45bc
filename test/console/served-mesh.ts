import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Browser, BrowserContextOptions, Page } from "playwright-core";
import { until } from "../e2e/ask.ts";
import { Product, type Running, sample } from "../e2e/product.ts";
import { builtConsole } from "./built-console.ts";

/** A real control plane over the sample's files, without proxies: what an editor needs, and up in a second. */
export interface ServedMesh {
  readonly product: Product;
  readonly url: string;
  /** A page that may write, at a path of the console. */
  readonly open: (browser: Browser, path: string, options?: BrowserContextOptions) => Promise<OpenedPage>;
  /** Stops the control plane and starts it over the same state. */
  readonly restart: () => Promise<void>;
  readonly close: () => Promise<void>;
}

export interface OpenedPage {
  readonly page: Page;
  /** What the page complained of. */
  readonly complaints: readonly string[];
  readonly close: () => Promise<void>;
}

/** @param port the first of ten that nobody else uses. */
export async function serveSample(port: number): Promise<ServedMesh> {
  await builtConsole();
  const product = new Product({ port });
  const xds = ["--xds", `127.0.0.1:${port + 5}`];
  const begin = async (): Promise<Running> => {
    const args = ["serve", sample, "--console-port", String(product.ports.console), "--plaintext", ...xds];
    const begun = product.start(args);
    await until("it listens", () => begun.output().includes("Ctrl-C stops it"), begun.output);
    return begun;
  };
  let serving = await begin();
  const stop = async () => {
    serving.child.kill("SIGINT");
    await serving.ended;
  };
  const url = `http://localhost:${product.ports.console}`;
  return {
    product,
    url,
    open: (browser, path, options) => openPage(browser, product, path, options),
    restart: async () => {
      await stop();
      serving = await begin();
    },
    close: async () => {
      await stop();
      await product.close();
    },
  };
}

/** A page of a mesh's console that carries the mesh's token. */
export async function openPage(
  browser: Browser,
  product: Product,
  path: string,
  options: BrowserContextOptions = {},
): Promise<OpenedPage> {
  const context = await browser.newContext({
    viewport: { width: 1440, height: 900 },
    extraHTTPHeaders: { authorization: `Bearer ${tokenOf(product)}` },
    ...options,
  });
  const page = await context.newPage();
  page.setDefaultTimeout(20_000);
  const complaints: string[] = [];
  page.on("pageerror", (error) => complaints.push(error.message));
  page.on("console", (message) => {
    if (message.type() === "error" || message.type() === "warning") complaints.push(message.text());
  });
  await page.goto(`http://localhost:${product.ports.console}${path}`);
  return { page, complaints, close: () => context.close() };
}

/** The token that `weft` finds a mesh with. */
function tokenOf(product: Product): string {
  const folder = join(product.dir, "state", "weft", "meshes");
  for (const name of readdirSync(folder)) {
    const found = JSON.parse(readFileSync(join(folder, name), "utf8")) as { readonly token?: string };
    if (found.token !== undefined) return found.token;
  }
  throw new Error(`${folder} names no mesh`);
}
