import { deepStrictEqual, strictEqual } from "node:assert";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { JsonValue } from "@bufbuild/protobuf";
import { afterAll, beforeAll, test } from "vitest";
import { parseAllDocuments } from "yaml";
import { inboundCluster, inboundPassthrough } from "../../src/envoy/cluster/inbound.ts";
import { blackHole, passthrough } from "../../src/envoy/cluster/passthrough.ts";
import { ClusterSchema } from "../../src/gen/envoy/config/cluster/v3/cluster_pb.js";
import { makeCertificates } from "./certificates.ts";
import { startEnvoy } from "./envoy.ts";
import { type Client, type Config, configOf, json, resources, sidecar, trackerOf } from "./mesh.ts";

const testdata = join(import.meta.dirname, "../../src/plan/cluster/testdata");
const base = readFileSync(join(testdata, "mesh.yaml"), "utf8");
const cases = readdirSync(testdata).flatMap((f) => (f.endsWith(".in.yaml") ? [f.slice(0, -".in.yaml".length)] : []));
const all: [string, Config][] = [];
let directory = "";

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), "cluster-golden-"));
  await makeCertificates(directory);
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

const plain = configOf(trackerOf(resources(base, "mesh.yaml")), sidecar);

test("the mesh itself", () => compare("mesh", plain as unknown as JsonValue));

test.each(cases)("%s", (name) => {
  const text = readFileSync(join(testdata, `${name}.in.yaml`), "utf8");
  const client = clientOf(text);
  const objects = resources(text, `${name}.in.yaml`);
  const before = configOf(trackerOf(resources(base, "mesh.yaml")), client);
  const after = configOf(trackerOf([...resources(base, "mesh.yaml"), ...objects]), client);
  all.push([name, after]);
  compare(name, difference(withSubsets(before, after), after as unknown as JsonValue) ?? {});
});

test("Envoy takes all of it", async () => {
  strictEqual(all.length, cases.length, "the cases run first");
  const options = { mark: 1337 };
  const fixed = [
    ...[
      blackHole(),
      passthrough(),
      inboundPassthrough(options),
      inboundCluster({ port: 9080, protocol: "http" }, options),
    ],
    ...[
      inboundCluster({ port: 7070, protocol: "grpc" }),
      inboundCluster({ port: 8000, protocol: "unsupported" }),
      inboundCluster({ port: 3306, protocol: "mysql" }),
    ],
  ].map((c) => json(ClusterSchema, c));
  const each: [string, Config][] = [["mesh", plain], ...all];
  // One Envoy takes the clusters of all cases, so each gets a name of its own.
  const named = each.flatMap(([name, config]) =>
    Object.values(config.clusters).map((c) => ({ ...c, name: `${name}|${c["name"]}` })),
  );
  const envoy = await startEnvoy(directory, { clusters: [...fixed, ...named] });
  try {
    const stats = await envoy.settled(
      (s) => (s["cluster_manager.cds.update_success"] ?? 0) + (s["cluster_manager.cds.update_rejected"] ?? 0) > 0,
    );
    strictEqual(stats["cluster_manager.cds.update_rejected"], 0, envoy.log());
    strictEqual(envoy.log().includes("Deprecated"), false, envoy.log());
  } finally {
    await envoy.stop();
  }
});

test("Envoy's refusal would be seen", async () => {
  const envoy = await startEnvoy(directory, { clusters: [{ name: "bad", type: "EDS" }] });
  try {
    const stats = await envoy.settled((s) => (s["cluster_manager.cds.update_rejected"] ?? 0) > 0);
    strictEqual(stats["cluster_manager.cds.update_rejected"], 1);
  } finally {
    await envoy.stop();
  }
});

/** The document with `client:` says who asks. */
function clientOf(text: string): Client {
  const said = parseAllDocuments(text)
    .map((doc) => doc.toJS() as { client?: { view?: object; place?: object } } | null)
    .find((object) => object?.client !== undefined)?.client;
  return { view: { ...sidecar.view, ...said?.view }, place: { ...sidecar.place, ...said?.place } };
}

/** `before` with subsets as they would be if they were the whole service, so that a subset's case shows what is its own. */
function withSubsets(before: Config, after: Config): JsonValue {
  const filled = (part: keyof Config) => {
    const subsets = Object.keys(after[part]).flatMap((name) => {
      const whole = before[part][name.replace(/^(outbound\|\d+\|)[^|]+/, "$1")];
      return name in before[part] || whole === undefined ? [] : [[name, whole] as const];
    });
    return { ...before[part], ...Object.fromEntries(subsets) };
  };
  return { clusters: filled("clusters"), endpoints: filled("endpoints") };
}

/** What `after` has other than `before`: objects down to what differs, `null` for what is gone; arrays whole. */
function difference(before: JsonValue | undefined, after: JsonValue): JsonValue | undefined {
  if (!isObject(before) || !isObject(after))
    return JSON.stringify(before) === JSON.stringify(after) ? undefined : after;
  const changed = Object.entries(after).flatMap(([k, v]) => {
    const d = k in before ? difference(before[k], v) : v;
    return d === undefined ? [] : [[k, d] as const];
  });
  const gone = Object.keys(before)
    .filter((k) => !(k in after))
    .map((k) => [k, null] as const);
  return changed.length + gone.length === 0 ? undefined : Object.fromEntries([...changed, ...gone]);
}

function isObject(value: JsonValue | undefined): value is { [key: string]: JsonValue } {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Against the golden file; with UPDATE_GOLDEN=1 it is written instead. */
function compare(name: string, actual: JsonValue): void {
  const file = join(testdata, `${name}.out.json`);
  if (process.env["UPDATE_GOLDEN"] === "1") writeFileSync(file, `${JSON.stringify(actual, null, 1)}\n`);
  deepStrictEqual(actual, JSON.parse(readFileSync(file, "utf8")));
}
