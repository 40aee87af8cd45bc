import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import type { ConfigChange } from "../../src/api/contract/changes.ts";
import type { DeletedObject } from "../../src/api/contract/deleted.ts";
import { runIt } from "../../src/cli/cli.fixture.ts";
import { enterMesh, registryDir } from "../../src/cli/registry.ts";
import { type Answers, serve } from "./control-plane.ts";

const home = mkdtempSync(join(tmpdir(), "weft-cli-"));
const answers: Answers = {};
let plane: Awaited<ReturnType<typeof serve>>;

beforeAll(async () => {
  plane = await serve(answers);
  enterMesh(registryDir({}, home), { name: "m", dir: "/x", server: plane.url, token: "right", pid: 1, startedAt: 1 });
});
afterEach(() => {
  for (const name of Object.keys(answers) as (keyof Answers)[]) delete answers[name];
  plane.asked.length = 0;
});
afterAll(async () => {
  await plane.close();
  rmSync(home, { recursive: true, force: true });
});

const ask = (...argv: string[]) => runIt(argv, { home, cwd: home, processes: { alive: () => true, stop: () => {} } });

const route = {
  type: "VirtualService.networking.istio.io",
  kind: "VirtualService",
  namespace: "shop",
  name: "reviews",
};
const deleted: DeletedObject = { ...route, change: "c7", at: 0, who: "ann", until: 86_400_000 };
const change: ConfigChange = {
  ...{ id: "c7", at: 0, who: "ann", takenBack: false },
  objects: [{ ...route, outcome: "deleted" }],
};
const back = {
  name: "virtualservice.networking.istio.io/reviews",
  ...({ namespace: "shop", outcome: "created", diagnostics: [] } as const),
};

test("changes are listed, and what was deleted with the command that brings it back", async () => {
  Object.assign(answers, { changes: [change], deleted: [deleted] });
  expect((await ask("changes")).out.split("\n").map((l) => l.trim().replace(/ {2,}/g, " | "))).toEqual([
    "ID | TIME | WHO | WHAT",
    "c7 | 1970-01-01T00:00:00Z | ann | virtualservice.networking.istio.io/reviews in shop deleted",
    "",
  ]);
  expect((await ask("changes", "--deleted")).out).toContain(
    "weft undo c7 virtualservice.networking.istio.io/reviews -n shop",
  );
});

test("a change is taken back, and the exit code says whether the proxies have it", async () => {
  answers.undo = (_id, query) => [
    query.has("wait") ? 504 : 200,
    {
      ...{ dryRun: false, objects: [back] },
      ...(query.has("wait") ? { wait: { done: false, synced: 1, total: 2, waitingFor: ["a.b"] } } : {}),
    },
  ];
  const { code, out } = await ask("undo", "c7");
  expect([code, out]).toEqual([0, "virtualservice.networking.istio.io/reviews in shop created\n"]);
  const late = await ask("undo", "c7", "--wait", "1s");
  expect(late.err).toContain("1 of 2 proxies have it; waiting for a.b");
  expect(late.code).not.toBe(0);
});

test("one object of a change is named by its kind, also where the list of changes has forgotten it", async () => {
  Object.assign(answers, { changes: [], deleted: [deleted], undo: () => [200, { dryRun: false, objects: [back] }] });
  expect((await ask("undo", "c7", "vs/reviews", "-n", "shop")).code).toBe(0);
  expect(plane.asked.at(-1)?.path).toBe(
    "changes/c7/undo?type=VirtualService.networking.istio.io&namespace=shop&name=reviews",
  );
  const other = await ask("undo", "c7", "vs/ratings");
  expect([other.code, other.err]).toEqual([4, expect.stringContaining("change c7 touched no vs/ratings")]);
});
