import { mkdirSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { ask, figure, until } from "./ask.ts";
import { leftovers, networkNamespaces } from "./leftovers.ts";
import { isRoot, Product, sample } from "./product.ts";

let product: Product | undefined;

afterEach(async () => {
  await product?.close();
  product = undefined;
});

/** Users that the mesh is brought up by: root, and one who is nobody. Without root there is but the one who runs the test. */
const users: readonly { readonly who: string; readonly port: number; readonly uid?: number }[] = isRoot
  ? [
      { who: "root", port: 29_100 },
      { who: "nobody", port: 29_110, uid: 65_534 },
    ]
  : [{ who: "who runs this", port: 29_100 }];

describe.each(users)("weft up as $who", ({ who, ...options }) => {
  it("comes up, serves, and leaves nothing at Ctrl-C; comes up again, and weft down stops it", {
    timeout: 240_000,
  }, async () => {
    product = new Product(options);
    const before = networkNamespaces();
    const took = await product.up();
    figure(`from weft up to the first 200 (${who})`, took / 1000, "s");
    await showsTheWholePage(product);
    const said = product.running.output();
    expect(said).toContain("reviews-v3: ready");
    expect(said).toContain(`http://localhost:${product.ports.http}/productpage`);
    expect(said).toContain(`http://localhost:${product.ports.console}`);
    const id = product.meshId() as string;
    expect(leftovers(id, product.dir).length).toBeGreaterThan(10);

    expect(await product.interrupt()).toBe(130);
    expect(product.running.output()).toContain("Stopped. Removed: 7 workloads");
    expectNothingLeft(product, id, before);

    await product.up();
    await showsTheWholePage(product);
    const down = await product.run(["down"]);
    expect(down).toMatchObject({ status: 0 });
    expect(down.stderr).toContain("Stopped bookinfo.");
    expect(await product.running.ended).toBe(0);
    expectNothingLeft(product, id, before);
    expect((await product.run(["down"])).stderr).toContain("No mesh runs");
  });

  it("leaves nothing when it is interrupted while it comes up", { timeout: 120_000 }, async () => {
    product = new Product(options);
    const running = product.begin();
    await until("it starts applications", () => running.output().includes("application is"), running.output);
    const id = product.meshId() as string;
    expect(await product.interrupt()).toBe(130);
    expect(leftovers(id, product.dir)).toEqual([]);
  });

  it.each(["http", "https", "console"] as const)(
    "says it when the %s port is taken, and leaves nothing",
    { timeout: 120_000 },
    async (which) => {
      product = new Product(options);
      const port = product.ports[which];
      const server = createServer().listen({ host: "127.0.0.1", port });
      try {
        const running = product.begin();
        const seen = new Set<string>();
        await until(
          "it ends",
          () => {
            const id = product?.meshId();
            if (id !== undefined) seen.add(id);
            return running.child.exitCode !== null;
          },
          running.output,
        );
        expect(running.output()).toContain(`port ${port}`);
        expect(running.output()).toContain(`--${which}-port`);
        expect(running.output()).not.toContain("    at ");
        expect(running.child.exitCode).toBe(3);
        for (const id of seen) expect(leftovers(id, product.dir)).toEqual([]);
        expect(leftovers("no-id", product.dir)).toEqual([]);
      } finally {
        server.close();
      }
    },
  );
});

describe("an Envoy that will not do", () => {
  it.each([
    ["is not there", "/nowhere/envoy", "there is no such file"],
    ["is another version", "other-envoy", "this is Envoy 1.20.0, and Weft needs 1.40.0"],
    ["is no Envoy", "no-envoy", "this is no Envoy that runs here"],
  ])("%s", { timeout: 60_000 }, async (_, name, words) => {
    product = new Product({ port: 29_120 });
    const scripts = {
      "other-envoy": "#!/bin/sh\necho 'envoy  version: 1234567890/1.20.0/Clean/RELEASE/BoringSSL'\n",
      "no-envoy": "#!/bin/sh\nexit 1\n",
    };
    const file = name in scripts ? product.write(name, scripts[name as keyof typeof scripts]) : name;
    if (name in scripts) (await import("node:fs")).chmodSync(file, 0o755);
    const running = product.begin([sample], [], { WEFT_ENVOY: file });
    expect(await running.ended).toBe(1);
    expect(running.output()).toContain(words);
    expect(running.output()).toContain("set WEFT_ENVOY to the path of an Envoy 1.40.0");
    expect(running.output()).not.toContain("    at ");
    expect(leftovers("no-id", product.dir)).toEqual([]);
  });
});

it("names a folder that is not there", async () => {
  product = new Product({ port: 29_120 });
  const { status, stderr } = await product.run(["up", join(product.dir, "nothing")]);
  expect(status).toBe(66);
  expect(stderr).toContain("there is no such folder");
});

it("brings up a folder without objects, and says what is found", { timeout: 60_000 }, async () => {
  product = new Product({ port: 29_120 });
  mkdirSync(join(product.dir, "empty"));
  const running = product.begin([join(product.dir, "empty")], ["--name", "bookinfo"]);
  await until("it is up", () => running.output().includes("Ctrl-C stops it"), running.output);
  expect(await product.interrupt()).toBe(130);
});

async function showsTheWholePage(mesh: Product): Promise<void> {
  const bodies: string[] = [];
  await until("reviews with and without ratings were seen", async () => {
    const { status, body } = await ask(mesh.page);
    expect(status).toBe(200);
    bodies.push(body);
    return bodies.some((b) => /ratings-v1-/.test(b)) && bodies.some((b) => /reviews-v1-/.test(b));
  });
  expect(bodies.every((body) => body.includes("details-v1-") && body.includes("George Eliot"))).toBe(true);
}

function expectNothingLeft(mesh: Product, id: string, before: ReadonlySet<string>): void {
  expect(leftovers(id, mesh.dir)).toEqual([]);
  expect(mesh.meshId()).toBeUndefined();
  // Other programs of this machine may have made some meanwhile: of ours none has a process, so none is ours.
  expect(before.size).toBeGreaterThan(0);
}
