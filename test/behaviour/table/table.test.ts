import { deepStrictEqual, match } from "node:assert";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, test } from "vitest";
import { type KubeObject, readTopic, type State } from "./format.ts";
import { TableMesh } from "./mesh.ts";
import { runCase } from "./run-case.ts";

// The behaviour table: states of one running mesh, and what calls through it come to. See README.md.

const files = readdirSync(import.meta.dirname).filter((name) => name.endsWith(".yaml"));
let mesh: TableMesh;
/** What the last state left, which goes when the next one comes. */
let left: readonly KubeObject[] = [];

beforeAll(async () => {
  mesh = await TableMesh.start();
});
afterAll(() => mesh?.stop());

for (const file of files) {
  const topic = file.slice(0, -".yaml".length);
  describe(topic, () => {
    const read = () => readTopic(topic, readFileSync(join(import.meta.dirname, file), "utf8"));
    try {
      for (const state of read().states) describe(state.state, () => casesOf(state));
    } catch {
      // It harms itself alone.
      test("can be read", () => void read());
    }
  });
}

function casesOf(state: State): void {
  const told = Object.entries(state.refused);
  let objects: readonly KubeObject[] = [];
  let refused: ReadonlyMap<string, string> = new Map();
  beforeAll(async () => {
    objects = await mesh.filled(state.objects);
    const gone = left;
    left = objects;
    refused = await mesh.change(gone, objects, state.meshConfig);
    const unexpected = [...refused].filter(([name]) => !told.some(([known]) => refusalName(known, objects) === name));
    deepStrictEqual(unexpected, [], "objects of the state were refused");
  });
  test.each(told)("%s is refused: %s", (name, reason) => {
    match(refused.get(refusalName(name, state.objects)) ?? "it was taken", new RegExp(reason));
  });
  test.each(state.cases.map((c) => [c.name, c] as const))("%s", async (_, one) => {
    const wrong = await runCase(mesh, one, objects);
    if (wrong.length > 0) throw new Error(wrong.join("\n"));
  });
}

/** As `weft apply` names it: `virtualservice.networking.istio.io/reviews`. */
function refusalName(name: string, objects: readonly KubeObject[]): string {
  const object = objects.find((o) => name === `${o.kind}/${o.metadata.name}`) as KubeObject;
  const group = /^(.*)\//.exec(String(object["apiVersion"]))?.[1];
  return `${object.kind.toLowerCase()}${group === undefined ? "" : `.${group}`}/${object.metadata.name}`;
}
