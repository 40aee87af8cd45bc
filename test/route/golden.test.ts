import { ok } from "node:assert";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { JsonValue } from "@bufbuild/protobuf";
import { afterAll, test } from "vitest";
import { envoyBinary } from "../cluster/envoy.ts";
import { compareGolden, difference } from "../golden.ts";
import { configOf, meshOf } from "./mesh.ts";

const testdata = join(import.meta.dirname, "../../src/plan/route/testdata");
const read = (file: string) => readFileSync(join(testdata, file), "utf8");
const base = read("mesh.yaml");
const cases = readdirSync(testdata).flatMap((f) => (f.endsWith(".in.yaml") ? [f.slice(0, -".in.yaml".length)] : []));
const seen = new Map<string, Readonly<Record<string, JsonValue>>>();
const directory = mkdtempSync(join(tmpdir(), "route-golden-"));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

test("the mesh itself", () => {
  const { tracker, view } = meshOf(base);
  const config = configOf(tracker, view);
  seen.set("mesh", config);
  compareGolden(join(testdata, "mesh.out.json"), config);
});

test.each(cases)("%s", (name) => {
  const text = read(`${name}.in.yaml`);
  const { tracker, view } = meshOf(base, text);
  const before = meshOf(base);
  const after = configOf(tracker, view);
  seen.set(name, after);
  compareGolden(join(testdata, `${name}.out.json`), difference(configOf(before.tracker, view), after) ?? {});
});

test("Envoy takes all of it", () => {
  ok(seen.size === cases.length + 1, "the cases run first");
  const tables = [...seen.values()].flatMap((config) => Object.values(config["tables"] as Record<string, JsonValue>));
  const distinct = [...new Map(tables.map((table) => [JSON.stringify(table), table])).values()];
  const file = join(directory, "all.json");
  writeFileSync(file, JSON.stringify(bootstrap(distinct)));
  const args = ["--mode", "validate", "-c", file, "--disable-hot-restart", "-l", "warning"];
  try {
    execFileSync(envoyBinary(), args, { stdio: "pipe" });
  } catch (error) {
    throw new Error((error as { stderr: Buffer }).stderr.toString());
  }
});

/** A listener for each table. */
function bootstrap(tables: readonly JsonValue[]): JsonValue {
  const any = (type: string, rest: Record<string, JsonValue> = {}) => ({
    "@type": `type.googleapis.com/envoy.extensions.${type}`,
    ...rest,
  });
  const filters = [
    ["cors", any("filters.http.cors.v3.Cors")],
    ["fault", any("filters.http.fault.v3.HTTPFault")],
    ["router", any("filters.http.router.v3.Router")],
  ].map(([name, typedConfig]) => ({ name: `envoy.filters.http.${name}`, typedConfig: typedConfig as JsonValue }));
  const manager = (routeConfig: JsonValue) =>
    any("filters.network.http_connection_manager.v3.HttpConnectionManager", {
      statPrefix: "t",
      routeConfig,
      httpFilters: filters,
    });
  return {
    staticResources: {
      listeners: tables.map((table, i) => ({
        name: `l${i}`,
        address: { socketAddress: { address: "127.0.0.1", portValue: 10_000 + i } },
        filterChains: [
          { filters: [{ name: "envoy.filters.network.http_connection_manager", typedConfig: manager(table) }] },
        ],
      })),
    },
  };
}
