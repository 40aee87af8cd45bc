import { deepStrictEqual, strictEqual } from "node:assert";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, test } from "vitest";
import type { AppliedObject } from "../api/contract/apply.ts";
import { deleteInOverlay, overlayState, writeOverlay } from "../sources/overlay.ts";
import { Journal } from "./journal.ts";

const root = mkdtempSync(join(tmpdir(), "journal-"));
afterAll(() => rmSync(root, { recursive: true, force: true }));

const ref = { type: "PeerAuthentication.security.istio.io", namespace: "shop", name: "default" };
const anybody = async () => undefined;
const told = (outcome: AppliedObject["outcome"]): readonly AppliedObject[] => [
  { name: "peerauthentication.security.istio.io/default", namespace: "shop", outcome, diagnostics: [] },
];

function journal(name: string) {
  const folder = join(root, name);
  const restored: unknown[] = [];
  const kept = new Journal({ folder, now: () => 7, restored: (_ref, state) => restored.push(state) });
  const write = (text: string, outcome: AppliedObject["outcome"]) =>
    kept.record("ann", async (touch) => {
      touch(ref);
      writeOverlay(folder, ref, text);
      return told(outcome);
    });
  const remove = (hide: boolean) =>
    kept.record("ann", async (touch) => {
      touch(ref);
      deleteInOverlay(folder, ref, hide);
      return told("deleted");
    });
  return { folder, kept, restored, write, remove, file: join(folder, ref.type, "shop/default.yaml") };
}

test("what was created is gone again, what was changed is as it was, byte by byte", async () => {
  const { kept, write, file } = journal("back");
  const first = await write("a: 1 # one\n", "created");
  const second = await write("a: 2\n", "configured");
  const back = await kept.takeBack(second.id ?? "", anybody);
  deepStrictEqual(back, { objects: told("configured") });
  strictEqual(readFileSync(file, "utf8"), "a: 1 # one\n");
  deepStrictEqual(await kept.takeBack(first.id ?? "", anybody), { objects: told("deleted") });
  strictEqual(existsSync(file), false);
});

test("what was hidden of a folder is shown again, and nothing is left of the overlay", async () => {
  const { folder, kept, remove, restored } = journal("hidden");
  const { id } = await remove(true);
  strictEqual(overlayState(folder, ref).hidden, true);
  deepStrictEqual(await kept.takeBack(id ?? "", anybody), { objects: told("created") });
  deepStrictEqual([overlayState(folder, ref), restored], [{ hidden: false }, [{ hidden: false }]]);
});

test("a change over which another came is not taken back, nor one twice", async () => {
  const { kept, write, file } = journal("conflict");
  const { id = "" } = await write("a: 1\n", "created");
  writeFileSync(file, "a: 9\n");
  deepStrictEqual(await kept.takeBack(id, anybody), { conflict: "PeerAuthentication default was changed again since" });
  writeFileSync(file, "a: 1\n");
  await kept.takeBack(id, anybody);
  deepStrictEqual(await kept.takeBack(id, anybody), { conflict: "it was taken back already" });
});

test("who may not undo the change does not, and nothing is touched", async () => {
  const { kept, write, file } = journal("forbidden");
  const { id = "" } = await write("a: 1\n", "created");
  const asked: unknown[] = [];
  const answer = await kept.takeBack(id, async (act) => {
    asked.push(act.what);
    return "bob may not";
  });
  deepStrictEqual([answer, asked, existsSync(file)], [{ forbidden: "bob may not" }, ["delete"], true]);
});

test("what changed nothing is not kept, and of the others a hundred", async () => {
  const { kept, write } = journal("many");
  strictEqual((await write("a: 0\n", "unchanged")).id, undefined);
  for (let i = 0; i < 103; i++) await write(`a: ${i}\n`, "configured");
  const list = kept.list();
  deepStrictEqual([list.length, list[0]?.id, list[0]?.who, list[0]?.at], [100, "c103", "ann", 7]);
  strictEqual(await kept.takeBack("c1", anybody), undefined);
});
