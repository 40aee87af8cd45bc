import { deepStrictEqual, ok } from "node:assert";
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "vitest";
import rooms from "./rooms.cjs";

const root = join(import.meta.dirname, "..");

interface Report {
  readonly summary: {
    readonly violations: readonly {
      readonly from: string;
      readonly to: string;
      readonly rule: { readonly name: string };
    }[];
    readonly totalCruised: number;
  };
}

function cruise(folder: string): Report {
  const program = join(root, "node_modules", "dependency-cruiser", "bin", "dependency-cruise.mjs");
  const args = [program, "--config", join(root, "gates", "dependencies.cjs"), "--output-type", "json", "src"];
  const { stdout, stderr } = spawnSync(process.execPath, args, { cwd: folder, encoding: "utf8", maxBuffer: 1 << 28 });
  ok(stdout !== "", stderr);
  return JSON.parse(stdout) as Report;
}

test("rooms keep their borders", { timeout: 120_000 }, () => {
  const { summary } = cruise(root);
  ok(summary.totalCruised > 300, `only ${summary.totalCruised} modules seen: the gate is blind`);
  deepStrictEqual(
    summary.violations.map((v) => `${v.rule.name}: ${v.from} → ${v.to}`),
    [],
  );
});

test("faults on purpose are found", { timeout: 120_000 }, () => {
  const found = cruise(join(root, "gates", "must-fail")).summary.violations.map(
    (v) => `${v.rule.name}: ${v.from} → ${v.to}`,
  );
  deepStrictEqual(found.toSorted(), [
    "pure: src/plan/reads-envoy.ts → fs",
    "room-plan: src/plan/reads-envoy.ts → src/envoy/word.ts",
    "room-xds: src/xds/knows-the-plan.ts → src/plan/reads-envoy.ts",
  ]);
});

test("ARCHITECTURE.md prints the table that the gate enforces", () => {
  const text = readFileSync(join(root, "ARCHITECTURE.md"), "utf8");
  const printed = new Map<string, string[]>();
  for (const [, names, may] of text.matchAll(/^\| ((?:`[a-z]+\/` ?)+)\|[^|]*\| ([^|]*)\|$/gm)) {
    for (const [, name] of (names ?? "").matchAll(/`([a-z]+)\/`/g))
      printed.set(
        name as string,
        (may ?? "")
          .trim()
          .split(" ")
          .filter((m) => m !== "-"),
      );
  }
  deepStrictEqual(Object.fromEntries(printed), { ...rooms, main: ["all"] });
});
