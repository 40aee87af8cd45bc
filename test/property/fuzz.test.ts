import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Resource } from "../../src/model/resource.ts";
import { makeCertificates } from "../cluster/certificates.ts";
import { ServedEnvoy } from "../proxy/served-envoy.ts";
import { withSecrets } from "../proxy/test-secrets.ts";
import { proxies, randomObjects, served, smallest, withoutPatches, written, wrongWith } from "./fuzz-mesh.ts";

// Random valid objects of every kind, made of the schemas themselves. FUZZ_FROM and FUZZ_RUNS try other seeds, and more of them.

const from = Number(process.env["FUZZ_FROM"] ?? 1);
const runs = Number(process.env["FUZZ_RUNS"] ?? 40);
const taken = Number(process.env["FUZZ_TAKEN"] ?? 12);
const seeds = (count: number) => Array.from({ length: count }, (_, i) => from + i);

test("objects of every kind are made", () => {
  const kinds = new Set(seeds(150).flatMap((seed) => randomObjects(seed).map((object) => object.type)));
  expect(kinds.size).toBeGreaterThan(20);
});

test("nothing throws, and every reference resolves", { timeout: 3_600_000 }, async () => {
  const wrong: string[] = [];
  for (const seed of seeds(runs)) {
    const objects = randomObjects(seed);
    const said = wrongWith(objects);
    if (said === undefined) continue;
    const kind = said.slice(0, 30);
    const few = await smallest(objects, (fewer) => wrongWith(fewer)?.slice(0, 30) === kind);
    wrong.push(`seed ${seed}: ${wrongWith(few)}\n${written(few)}`);
  }
  expect(wrong).toEqual([]);
});

describe("Envoy", () => {
  const directory = mkdtempSync(join(tmpdir(), "fuzz-"));
  // One for each proxy: a running sidecar never becomes a gateway, and Envoy 1.40 does not outlive a listener's change from scoped routes to plain ones.
  const envoys: ServedEnvoy[] = [];
  beforeAll(async () => {
    await makeCertificates(directory);
    for (const _ of proxies) envoys.push(await ServedEnvoy.start({ ip: "0.0.0.0", alone: true }));
  });
  afterAll(async () => {
    for (const envoy of envoys) await envoy.stop();
    rmSync(directory, { recursive: true, force: true });
  });

  /** What Envoy refuses of what one of the proxies gets. */
  async function refused(objects: readonly Resource[]): Promise<string | undefined> {
    for (const [i, config] of served(inDirectory(objects)).entries()) {
      const [said] = (await envoys[i]?.take(withSecrets(directory, config))) ?? [];
      if (said !== undefined) return said;
    }
    return undefined;
  }

  /** Names of files lead to files that are there. */
  function inDirectory(objects: readonly Resource[]): readonly Resource[] {
    const file = (name: string) => join(directory, name);
    const there = (text: string) =>
      text
        .replaceAll('"/c.pem"', `"${file("cert.pem")}"`)
        .replaceAll('"/k.pem"', `"${file("key.pem")}"`)
        .replaceAll('"/ca.pem"', `"${file("ca.pem")}"`);
    return objects.map((object) => Object.freeze({ ...object, spec: JSON.parse(there(JSON.stringify(object.spec))) }));
  }

  test("takes what comes of them", { timeout: 3_600_000 }, async () => {
    const wrong: string[] = [];
    for (const seed of seeds(taken)) {
      const objects = withoutPatches(randomObjects(seed));
      const said = await refused(objects);
      if (said === undefined) continue;
      const few = await smallest(objects, async (fewer) => (await refused(fewer)) !== undefined, 150);
      wrong.push(`seed ${seed}: ${await refused(few)}\n${written(few)}`);
    }
    expect(wrong).toEqual([]);
  });
});
