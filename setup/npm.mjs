#!/usr/bin/env node
// `npm start`, `npm test` and `npm run cluster`: sets up what is missing, then runs. Plain JavaScript without a package: on a fresh clone there is nothing else.
import fs from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { ensureConsole } from "./console.mjs";
import { cachedEnvoy, ensureEnvoy } from "./envoy.mjs";
import { ensureNode, findNode, nodeVersion } from "./node.mjs";
import { ensurePackages } from "./packages.mjs";
import { progress } from "./progress.mjs";
import { become } from "./run.mjs";
import { ensureSystem } from "./system.mjs";

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const [task, ...args] = process.argv.slice(2);
const { step, warn } = progress();

async function setUp() {
  await ensureSystem({ step, warn });
  await ensurePackages(root, { step, name: "" });
  const node = findNode() ?? (await step(`Fetching Node ${nodeVersion}`, () => ensureNode()));
  const fetched = process.env.WEFT_ENVOY || fs.existsSync(cachedEnvoy());
  const envoy = fetched ? await ensureEnvoy({ warn }) : await step("Fetching Envoy", () => ensureEnvoy({ warn }));
  const consoleFolder = path.join(root, "console");
  await ensurePackages(consoleFolder, { step, name: " of the console" });
  await ensureConsole(consoleFolder, { step, node });
  return {
    node,
    env: { ...process.env, WEFT_ENVOY: envoy, PATH: `${path.dirname(node)}${path.delimiter}${process.env.PATH ?? ""}` },
  };
}

const tasks = {
  start: ["--max-semi-space-size=16", path.join(root, "bin", "weft.mjs"), "up", path.join("samples", "bookinfo")],
  test: [path.join(root, "node_modules", "vitest", "vitest.mjs"), "run"],
  cluster: [path.join(root, "test", "kubernetes", "cluster.ts")],
};

if (tasks[task] === undefined) {
  process.stderr.write("setup/npm.mjs: say start, test or cluster\n");
  process.exit(64);
}
try {
  const { node, env } = await setUp();
  await become(node, [...tasks[task], ...args], { cwd: root, env });
} catch (error) {
  process.stderr.write(`${error.message}\n`);
  process.exit(1);
}
