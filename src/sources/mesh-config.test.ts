import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { judgeMeshConfig } from "../analysis/judge.ts";
import { systemClock } from "../main/clock.ts";
import type { Source, SourceEvent } from "../model/change.ts";
import { meshConfigSource } from "./mesh-config.ts";

let folder: string;
let file: string;
let source: Source;
let events: SourceEvent[];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "weft-mesh-config-"));
  file = join(folder, "mesh.yaml");
  events = [];
});
afterEach(async () => {
  await source.stop();
  rmSync(folder, { recursive: true, force: true });
});

async function start(text: string): Promise<void> {
  writeFileSync(file, text);
  source = meshConfigSource(file, systemClock, judgeMeshConfig);
  await source.start((event) => void events.push(event));
}

const told = () =>
  events.at(-1)?.diagnostics.map((d) => `${d.level} ${d.position?.line}:${d.position?.column} ${d.message}; ${d.fix}`);

test("a setting that Istio does not have is told where it stands, and the file is not taken", async () => {
  await start("rootNamespace: istio-config\ndefaultConfig:\n  gatewayTopology:\n    numTrustedProxys: 2\n");
  expect(told()).toEqual([
    'Error 4:5 unknown field "numTrustedProxys" in MeshConfig.defaultConfig.gatewayTopology; did you mean "numTrustedProxies"?',
  ]);
  expect(events.at(-1)?.changes).toEqual([]);
});

test("a value of another type, an unknown choice and a duration that is none are told", async () => {
  await start("enableAutoMtls: sometimes\noutboundTrafficPolicy:\n  mode: ALLOW\nconnectTimeout: soon\n");
  expect(told()?.map((text) => text.split(":", 2).join(":"))).toEqual([
    "Error 1:1 Invalid value",
    "Error 3:3 Unsupported value",
    "Error 4:1 Invalid value",
  ]);
});

test("a save that is good takes the place of what was refused", async () => {
  await start("rootNamespaces: a\n");
  writeFileSync(file, "rootNamespace: a\n");
  await vi.waitFor(() => expect(events.at(-1)?.changes).toMatchObject([{ put: { spec: { rootNamespace: "a" } } }]));
  expect(told()).toEqual([]);
});
