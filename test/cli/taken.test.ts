import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { runIt } from "../../src/cli/cli.fixture.ts";
import { enterMesh, registryDir } from "../../src/cli/registry.ts";
import { mesh } from "./bookinfo.ts";
import { serve } from "./control-plane.ts";

let home: string;

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), "weft-cli-"));
});
afterEach(() => {
  rmSync(home, { recursive: true, force: true });
});

const processes = { alive: () => true, stop: () => {} };

test("a name that a running mesh has is refused, as its commands would lose sight of it", async () => {
  const plane = await serve({ mesh });
  enterMesh(registryDir({}, home), {
    name: "shop",
    dir: "/x",
    server: plane.url,
    token: "right",
    pid: 77,
    startedAt: 1,
  });
  for (const argv of [
    ["up", ".", "--name", "shop"],
    ["serve", ".", "--name", "shop", "--xds", "127.0.0.1:0"],
  ]) {
    const { code, err } = await runIt(argv, { home, cwd: home, processes });
    expect({ code, err }).toEqual({
      code: 3,
      err: `error: mesh shop runs already (process 77, console ${plane.url})\nfix: stop it with weft down shop, or give this one another name with --name\n`,
    });
  }
  await plane.close();
});

test("nothing is said of proxies where nothing was taken", async () => {
  const plane = await serve({
    mesh,
    config: [],
    apply: () => [
      422,
      {
        dryRun: false,
        objects: [{ name: "line 1", namespace: "", outcome: "refused", diagnostics: [] }],
        wait: { done: true, synced: 7, total: 7, waitingFor: [] },
      },
    ],
  });
  const argv = ["apply", "-f", "-", "--wait", "--server", plane.url];
  const { code, err } = await runIt(argv, {
    home,
    cwd: home,
    stdin: "kind: Virtual\n",
    processes,
    env: { WEFT_TOKEN: "right" },
  });
  await plane.close();
  expect(code).toBe(65);
  expect(err).not.toContain("proxies have it");
});

test("load says what is wrong with its options before it says what it does", async () => {
  const { code, err } = await runIt(["load", "http://127.0.0.1:1/", "--rate", "x"]);
  expect(code).toBe(64);
  expect(err).toMatch(/^error: rate NaN: out of range/);
});

test("explain knows the codes of workloads", async () => {
  const { code, out } = await runIt(["explain", "WEFT0704"]);
  expect(code).toBe(0);
  expect(out).toContain("An application has ended");
});
