import { deepStrictEqual, strictEqual } from "node:assert";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
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
  const [folder, changes] = [join(root, name), join(root, `${name}-changes`)];
  const restored: unknown[] = [];
  const time = { now: 7 };
  const complaints: unknown[] = [];
  const kept = new Journal({
    ...{ folder, changes, now: () => time.now },
    restored: (_ref, state) => restored.push(state),
    complain: (error) => complaints.push(error),
  });
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
  const file = join(folder, ref.type, "shop/default.yaml");
  return { folder, changes, kept, restored, time, complaints, write, remove, file };
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

test("a restart forgets nothing: what was deleted comes back byte by byte, by the number that it had", async () => {
  const before = journal("restart");
  const text = "a: 1 # with a word\n\n";
  await before.write(text, "created");
  const { id = "" } = await before.remove(false);
  const { kept, file } = journal("restart");
  deepStrictEqual(kept.list(), before.kept.list());
  deepStrictEqual(
    kept.deleted().map((o) => [o.change, o.kind, o.namespace, o.name, o.who, o.at]),
    [[id, "PeerAuthentication", "shop", "default", "ann", 7]],
  );
  deepStrictEqual(await kept.takeBack(id, anybody, ref), { objects: told("created") });
  strictEqual(readFileSync(file, "utf8"), text);
  const again = journal("restart");
  deepStrictEqual(await again.kept.takeBack(id, anybody), { conflict: "it was taken back already" });
  deepStrictEqual(again.kept.deleted(), []);
  strictEqual((await again.write("a: 2\n", "configured")).id, "c3");
});

test("what is kept is for this user alone, and a torn file harms no other", async () => {
  const { changes, write, remove } = journal("torn");
  await write("a: 1\n", "created");
  await remove(false);
  await write("a: 2\n", "created");
  strictEqual(statSync(changes).mode & 0o777, 0o700);
  strictEqual(statSync(join(changes, "c1.json")).mode & 0o777, 0o600);
  writeFileSync(join(changes, "c3.json"), readFileSync(join(changes, "c3.json"), "utf8").slice(0, -9));
  writeFileSync(join(changes, "c2.json"), '{"id":"c2","at":1,"who":"ann","objects":[{"ref":{}}]}');
  writeFileSync(join(changes, ".c4.77"), "half");
  const after = journal("torn");
  deepStrictEqual(
    after.kept.list().map(({ id }) => id),
    ["c1"],
  );
  strictEqual((await after.write("a: 3\n", "configured")).id, "c4");
  deepStrictEqual(readdirSync(changes).sort(), ["c1.json", "c2.json", "c3.json", "c4.json"]);
  deepStrictEqual(after.complaints, []);
});

test("what was deleted is offered for a day, and only while it is gone as it was left", async () => {
  const { kept, write, remove, time, file } = journal("bin");
  await write("a: 1\n", "created");
  const { id = "" } = await remove(false);
  writeFileSync(file, "a: 2\n");
  deepStrictEqual(kept.deleted(), []);
  deepStrictEqual(await kept.takeBack(id, anybody, ref), {
    conflict: "PeerAuthentication default was changed again since",
  });
  rmSync(file);
  strictEqual(kept.deleted().length, 1);
  time.now += 24 * 60 * 60 * 1000;
  deepStrictEqual(kept.deleted(), []);
});

test("a deletion outlasts a hundred later changes for a day, then its file goes", async () => {
  const { kept, write, remove, time, changes, file } = journal("long");
  await write("a: 1\n", "created");
  const { id = "" } = await remove(false);
  const other = { ...ref, name: "other" };
  for (let i = 0; i < 101; i++)
    await kept.record("ann", async (touch) => {
      touch(other);
      return [{ ...told("configured")[0], name: "peerauthentication.security.istio.io/other" }] as AppliedObject[];
    });
  strictEqual(kept.list().length, 100);
  deepStrictEqual(
    kept.deleted().map((o) => o.change),
    [id],
  );
  strictEqual(existsSync(join(changes, "c1.json")), false);
  const back = journal("long");
  deepStrictEqual(await back.kept.takeBack(id, anybody), { objects: told("created") });
  strictEqual(readFileSync(file, "utf8"), "a: 1\n");
  time.now += 25 * 60 * 60 * 1000;
  await write("a: 9\n", "configured");
  strictEqual(existsSync(join(changes, `${id}.json`)), false);
});

test("one object of a change comes back alone", async () => {
  const { kept, folder } = journal("one");
  const other = { ...ref, name: "other" };
  const both = [...told("deleted"), { ...told("deleted")[0], name: "peerauthentication.security.istio.io/other" }];
  for (const one of [ref, other]) writeOverlay(folder, one, `a: ${one.name}\n`);
  const { id = "" } = await kept.record("ann", async (touch) => {
    for (const one of [ref, other]) {
      touch(one);
      deleteInOverlay(folder, one, false);
    }
    return both as AppliedObject[];
  });
  deepStrictEqual(await kept.takeBack(id, anybody, other), {
    objects: [{ ...told("created")[0], name: "peerauthentication.security.istio.io/other" }],
  });
  deepStrictEqual(
    kept.deleted().map((o) => o.name),
    ["default"],
  );
  strictEqual(kept.list()[0]?.takenBack, false);
  strictEqual(await kept.takeBack(id, anybody, { ...ref, name: "third" }), undefined);
  deepStrictEqual(await kept.takeBack(id, anybody), { objects: told("created") });
  strictEqual(kept.list()[0]?.takenBack, true);
});

test("where nothing can be kept on disk the change is made all the same, and can be taken back", async () => {
  const { changes, kept, write, complaints, file } = journal("full");
  writeFileSync(changes, "a file where the folder would be");
  const { id = "" } = await write("a: 1\n", "created");
  strictEqual(complaints.length > 0, true);
  deepStrictEqual(await kept.takeBack(id, anybody), { objects: told("deleted") });
  strictEqual(existsSync(file), false);
});
