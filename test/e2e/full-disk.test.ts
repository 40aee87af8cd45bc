import { spawnSync } from "node:child_process";
import { closeSync, mkdirSync, openSync, rmSync, writeSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { ask, until } from "./ask.ts";
import { leftovers } from "./leftovers.ts";
import { isRoot, Product, sample } from "./product.ts";

let product: Product;

/** A state folder on a disk of 4 MiB. Mounting one needs root. */
beforeEach(() => {
  product = new Product({ port: 29_190 });
  if (!isRoot) return;
  mkdirSync(join(product.dir, "state", "weft"), { recursive: true });
  const { status, stderr } = spawnSync(
    "mount",
    ["-t", "tmpfs", "-o", "size=4m", "none", join(product.dir, "state", "weft")],
    { encoding: "utf8" },
  );
  if (status !== 0) throw new Error(stderr);
});

afterEach(async () => {
  await product.end();
  if (isRoot) spawnSync("umount", ["-l", join(product.dir, "state", "weft")]);
  await product.close();
}, 60_000);

/** Fills the disk to its last byte; answers how to make room again. */
function fill(): () => void {
  const file = join(product.dir, "state", "weft", "ballast");
  const descriptor = openSync(file, "w");
  try {
    for (const size of [65_536, 1]) while (wrote(descriptor, size));
  } finally {
    closeSync(descriptor);
  }
  return () => rmSync(file);
}

function wrote(descriptor: number, size: number): boolean {
  try {
    return writeSync(descriptor, Buffer.alloc(size)) > 0;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOSPC") return false;
    throw error;
  }
}

const route = (subset: string) => `apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: { name: reviews, namespace: default }
spec: { hosts: [reviews], http: [{ route: [{ destination: { host: reviews, subset: ${subset} } }] }] }
`;

async function versionsSeen(): Promise<string> {
  const answers = await Promise.all(
    Array.from({ length: 10 }, () => ask(product.url("/api/v1/products/0/reviews")).then(({ body }) => body)),
  );
  return [...new Set(answers.map((body) => /"version":"(v\d)"/.exec(body)?.[1] ?? body))].join();
}

it.runIf(isRoot)(
  "a disk that fills up under a running mesh: it goes on, and says what it cannot write",
  { timeout: 180_000 },
  async () => {
    product.write("mesh/edited.yaml", route("v1"));
    await product.up([sample, join(product.dir, "mesh")]);
    await until("v1 answers", async () => (await versionsSeen()) === "v1");
    const makeRoom = fill();
    expect((await ask(product.page)).status).toBe(200);
    product.write("mesh/edited.yaml", route("v3"));
    await until("an edit takes effect", async () => (await versionsSeen()) === "v3", product.running.output);
    const file = product.write("v2.yaml", route("v2"));
    const refused = await product.run(["apply", "-f", file]);
    expect(refused.status).not.toBe(0);
    expect(refused.stderr).toMatch(/no space left on device|disk is full/i);
    expect(await versionsSeen()).toBe("v3");
    expect(product.running.child.exitCode).toBeNull();
    makeRoom();
    await product.weft("apply", "-f", file, "--wait");
    await until("v2 answers", async () => (await versionsSeen()) === "v2");
  },
);

it.runIf(isRoot)("a disk that is full before: weft up says so, and leaves nothing", { timeout: 120_000 }, async () => {
  fill();
  const running = product.begin();
  const status = await running.ended;
  expect(status).not.toBe(0);
  expect(running.output()).toMatch(/no space left on device|disk is full/i);
  expect(leftovers("no-id", join(product.dir, "state", "weft", "bookinfo"))).toEqual([]);
});
