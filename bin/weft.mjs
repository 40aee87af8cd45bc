#!/usr/bin/env -S node --max-semi-space-size=16
// Runs Weft on a Node that is new enough: this one, the one in the cache, or one that is fetched now.
// Without the bound, V8 lets its nursery grow to 128 MiB: a quarter of a control plane with 1,000 services (bench/README.md).
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const self = fileURLToPath(import.meta.url);
const root = dirname(dirname(self));
const source = join(root, "src", "main", "weft.ts");
const bundle = join(root, "dist", "weft.js");

if (Number(process.versions.node.split(".")[0]) >= 24) {
  // Node strips no types below node_modules: an installed package runs its bundle, a clone its sources.
  await import(pathToFileURL(existsSync(source) && !root.includes("node_modules") ? source : bundle).href);
} else {
  const [{ ensureNode, findNode, nodeVersion }, { become }] = await Promise.all([
    import("../setup/node.mjs"),
    import("../setup/run.mjs"),
  ]);
  let node = findNode();
  if (node === undefined) {
    const { progress } = await import("../setup/progress.mjs");
    try {
      node = await progress().step(`Fetching Node ${nodeVersion}`, () => ensureNode());
    } catch (error) {
      process.stderr.write(`weft: ${error.message}\n`);
      process.exit(1);
    }
  }
  await become(node, ["--max-semi-space-size=16", self, ...process.argv.slice(2)]);
}
