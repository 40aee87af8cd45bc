import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";
import { ByName } from "./order.ts";

// One cluster for all files, one after the other: `node test/kubernetes/cluster.ts ... -- npx vitest run --config test/kubernetes/cluster/vitest.config.ts`
export default defineConfig({
  test: {
    root: fileURLToPath(new URL("../../../", import.meta.url)),
    include: ["test/kubernetes/cluster/*.test.ts"],
    globalSetup: ["test/kubernetes/cluster/setup.ts"],
    fileParallelism: false,
    sequence: { sequencer: ByName },
    pool: "threads",
    // A condition is waited for, however slow the machine is.
    expect: { poll: { timeout: 30_000 } },
    testTimeout: 240_000,
    hookTimeout: 240_000,
  },
});
