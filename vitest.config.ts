import { configDefaults, defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: [
      "setup/**/*.test.mjs",
      "src/**/*.test.ts",
      "gates/*.test.ts",
      "test/**/*.test.ts",
      "samples/**/*.test.ts",
      "console/src/**/*.test.ts",
    ],
    // They need a whole cluster, and a run of their own (test/kubernetes/README.md).
    exclude: [...configDefaults.exclude, "test/kubernetes/cluster/**"],
    globalSetup: ["test/kubernetes/run.ts"],
    pool: "threads",
    // A condition is waited for, however slow the machine is.
    expect: { poll: { timeout: 30_000 } },
    testTimeout: 60_000,
    hookTimeout: 120_000,
  },
});
