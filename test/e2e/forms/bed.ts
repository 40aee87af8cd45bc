import { mkdirSync, readFileSync } from "node:fs";
import { createServer, request, type Server } from "node:http";
import { networkInterfaces } from "node:os";
import { join } from "node:path";
import type { Browser } from "playwright-core";
import type { Workload } from "../../../src/api/contract/workloads.ts";
import { Certificates } from "../../behaviour/table/certificates.ts";
import { Issuers } from "../../behaviour/table/issuers.ts";
import type { Order, Outcome } from "../../behaviour/table/mesh/wire.ts";
import { builtConsole } from "../../console/built-console.ts";
import { launch } from "../../console/open-page.ts";
import { type OpenedPage, openPage } from "../../console/served-mesh.ts";
import { until } from "../ask.ts";
import { Product, type Running, root, sample } from "../product.ts";

const table = join(root, "test/behaviour/table/mesh");

/** The running sample under load, with callers that do what they are told, and one page of its console in a browser. */
export class FormsBed {
  readonly product: Product;
  readonly #own: string;
  readonly #issuers = new Issuers();
  #browser: Browser | undefined;
  #load: Running | undefined;
  #opened: OpenedPage | undefined;
  readonly #vendor: Server = createServer((_request, response) => response.end("vendor"));

  constructor(port: number) {
    this.product = new Product({ port });
    this.#own = join(this.product.dir, "own");
    mkdirSync(this.#own);
  }

  async start(): Promise<void> {
    new Certificates(this.#own);
    const text = readFileSync(join(import.meta.dirname, "mesh.yaml"), "utf8")
      .replaceAll(/\$\{echo\}/g, `node ${join(table, "echo.ts")} ${this.#own}`)
      .replaceAll(/\$\{issuer\}/g, join(table, "issuer.mjs"))
      .replaceAll(/\$\{keys\}/g, this.#issuers.keysOf("shop"));
    this.product.write("mesh/mesh.yaml", text);
    [this.#browser] = await Promise.all([
      launch(),
      builtConsole().then(() => this.product.up([sample, join(this.product.dir, "mesh")])),
    ]);
    await until("everything is ready", async () => {
      const all = await this.workloads();
      return all.length > 12 && all.every(({ replicas: { desired, ready } }) => desired === ready);
    });
    this.#load = this.product.start(["load", this.product.page, "--rate", "10", "--quiet"]);
    await new Promise<void>((listening) => this.#vendor.listen(80, this.vendor, listening));
    this.#opened = await openPage(this.#browser, this.product, "/");
  }

  async close(): Promise<void> {
    this.#load?.child.kill("SIGINT");
    await this.#load?.ended;
    this.#vendor.closeAllConnections();
    this.#vendor.close();
    await this.#browser?.close();
    await this.product.close();
  }

  get page(): OpenedPage["page"] {
    if (!this.#opened) throw new Error("no page was opened");
    return this.#opened.page;
  }

  /** Who uses the page answers what the browser complained of. */
  get complaints(): readonly string[] {
    return this.#opened?.complaints ?? [];
  }

  /** Where workloads reach a server outside of the mesh, on port 80: this machine, at the mesh's own bridge. */
  get vendor(): string {
    const id = this.product.meshId() ?? "";
    const [, found] = Object.entries(networkInterfaces()).find(([name]) => name.includes(id)) ?? [];
    const address = found?.find((a) => a.family === "IPv4")?.address;
    if (address === undefined) throw new Error("the mesh has no bridge on this machine");
    return address;
  }

  workloads(): Promise<readonly Workload[]> {
    return this.product.api("workloads");
  }

  /** Where a workload or a router is reached. */
  async address(name: string): Promise<string> {
    const proxy = (await this.workloads()).find((w) => w.name === name)?.proxies[0];
    if (proxy) return proxy.address;
    const { addresses } = (await this.#tell(name, "self")) as { addresses: readonly string[] };
    return addresses.find((a) => /^\d+\./.test(a) && !a.startsWith("127.")) ?? "";
  }

  /** Has `from` make calls; the last answers. */
  async calls(
    from: string,
    order: Partial<Order> & { readonly url: string },
    times = 1,
    parallel = 1,
  ): Promise<readonly Outcome[]> {
    const whole: Order = { method: "GET", headers: {}, timeout: 10_000, messages: 1, keep: false, ...order };
    const said = await this.#tell(from, "call", JSON.stringify({ order: whole, times, parallel }));
    if (!Array.isArray(said)) throw new Error(`${from}: ${JSON.stringify(said)}`);
    return said as readonly Outcome[];
  }

  async call(from: string, order: Partial<Order> & { readonly url: string }): Promise<Outcome> {
    const [outcome] = await this.calls(from, order);
    if (!outcome) throw new Error(`${from} did not call ${order.url}`);
    return outcome;
  }

  /** A token that the mesh's issuer has signed. */
  token(): string {
    return this.#issuers.token("shop iss=shop sub=ann");
  }

  #tell(workload: string, path: string, body = ""): Promise<unknown> {
    const socketPath = join(this.#own, `default.${workload}.sock`);
    return new Promise((resolve, reject) => {
      request({ socketPath, method: "POST", path: `/${path}` }, async (response) =>
        resolve(JSON.parse(Buffer.concat(await response.toArray()).toString())),
      )
        .on("error", reject)
        .end(body);
    });
  }
}
