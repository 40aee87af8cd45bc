#!/usr/bin/env node
// Prints where set-up put something: `node setup/where.mjs node`, `... envoy`.
import { cachedEnvoy } from "./envoy.mjs";
import { findNode } from "./node.mjs";

const found = { node: () => findNode(), envoy: () => process.env.WEFT_ENVOY ?? cachedEnvoy() }[
  process.argv[2] ?? ""
]?.();
if (found === undefined) {
  process.stderr.write("setup/where.mjs: say node or envoy, after set-up (npm test)\n");
  process.exit(1);
}
process.stdout.write(`${found}\n`);
