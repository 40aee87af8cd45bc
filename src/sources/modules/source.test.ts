import { deepStrictEqual, match, ok, strictEqual } from "node:assert";
import { createHash } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, test } from "vitest";
import type { SourceEvent } from "../../model/change.ts";
import type { Resource } from "../../model/resource.ts";
import { ModuleSource, type WantedModule } from "./source.ts";

const directory = mkdtempSync(join(tmpdir(), "modules-"));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

const good = Buffer.from("\0asm\u0001\0\0\0", "latin1");
const better = Buffer.concat([good, Buffer.from([0, 1, 0])]);
const sha256 = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");

const place = { file: "w.yaml", line: 3, column: 7 };
const by = {
  ...{ type: "WasmPlugin.extensions.istio.io", namespace: "shop", name: "auth", apiVersion: "", spec: {} },
  ...{ labels: {}, annotations: {}, createdAt: 0, generation: 1 },
  origin: { ...place, at: "w.yaml:1:1", locate: () => place },
} satisfies Resource;

function wanted(url: string, more: Partial<WantedModule> = {}): WantedModule {
  const as = { type: "WasmModule.weft.dev", namespace: "", name: `${more.sha256 ?? ""}@${url}` };
  return { as, url, sha256: "", always: false, by, path: ["spec", "url"], ...more };
}

/** A source with a clock that a test turns, and what it told. */
function source(folder: string, fetch: (url: string) => Promise<Uint8Array>) {
  const events: SourceEvent[] = [];
  let timers: (() => void)[] = [];
  const after = (_: number, run: () => void) => {
    timers.push(run);
    return () => {
      timers = timers.filter((t) => t !== run);
    };
  };
  const random = { next: () => 0, bytes: (n: number) => new Uint8Array(n) };
  const made = new ModuleSource({ folder: join(directory, folder), clock: { now: () => 0, after }, random, fetch });
  void made.start((event) => void events.push(event));
  const turn = () => {
    const due = timers;
    timers = [];
    for (const run of due) run();
  };
  const settled = () => new Promise((resolve) => setImmediate(resolve));
  const specs = () =>
    events.flatMap((e) =>
      e.changes.flatMap((c) => ("put" in c ? [c.put.spec as { file?: string; error?: string }] : [])),
    );
  return { made, events, turn, settled, specs };
}

test("it speaks when it is told what is wanted, with what is on this machine", () => {
  const path = join(directory, "a.wasm");
  writeFileSync(path, good);
  const { made, events, specs } = source("one", () => Promise.reject(new Error("nothing is fetched")));
  strictEqual(events.length, 0);
  made.want([wanted(`file://${path}`)]);
  deepStrictEqual(readFileSync(specs()[0]?.file as string), good);
  deepStrictEqual(events.at(-1)?.diagnostics, []);
});

test("a file that changes is another module; one that is gone keeps what was known of it away from use", () => {
  const path = join(directory, "b.wasm");
  writeFileSync(path, good);
  const { made, turn, specs, events } = source("two", () => Promise.reject(new Error("nothing is fetched")));
  made.want([wanted(`file://${path}`)]);
  writeFileSync(path, better);
  turn();
  deepStrictEqual(readFileSync(specs().at(-1)?.file as string), better);
  rmSync(path);
  turn();
  match(String(specs().at(-1)?.error), /ENOENT/);
  match(String(events.at(-1)?.diagnostics[0]?.message), /^the module file:.* cannot be used: ENOENT/);
  writeFileSync(path, good);
  turn();
  deepStrictEqual(readFileSync(specs().at(-1)?.file as string), good);
  deepStrictEqual(events.at(-1)?.diagnostics, []);
});

test("what is fetched must be a module, and the one that is meant", async () => {
  const answers: Record<string, Uint8Array> = { "http://m/text": Buffer.from("<html>"), "http://m/good": good };
  const { made, settled, specs, events } = source("three", (url) => Promise.resolve(answers[url] as Uint8Array));
  made.want([wanted("http://m/text"), wanted("http://m/good", { sha256: sha256(better) })]);
  await settled();
  deepStrictEqual(
    specs().map((s) => s.error),
    ["it is not a WebAssembly module", `its sha256 is ${sha256(good)}, not ${sha256(better)}`],
  );
  strictEqual(events.at(-1)?.diagnostics.length, 2);
});

test("one that cannot be had is asked for again", async () => {
  let up = false;
  const { made, settled, turn, specs } = source("four", () =>
    up ? Promise.resolve(good) : Promise.reject(new Error("down")),
  );
  made.want([wanted("http://m/x")]);
  await settled();
  deepStrictEqual(specs(), [{ error: "down" }]);
  up = true;
  turn();
  await settled();
  ok(specs().at(-1)?.file);
});

test("imagePullPolicy: what was fetched before is used again, unless it is Always", async () => {
  const first = source("five", () => Promise.resolve(good));
  first.made.want([wanted("http://m/x")]);
  await first.settled();
  const again = source("five", () => Promise.reject(new Error("down")));
  again.made.want([wanted("http://m/x")]);
  deepStrictEqual(again.specs(), first.specs());
  const always = source("five", () => Promise.resolve(better));
  always.made.want([wanted("http://m/x", { always: true })]);
  await always.settled();
  deepStrictEqual(readFileSync(always.specs()[0]?.file as string), better);
});

test("what is wanted no more is taken back, and not asked for again", async () => {
  const { made, settled, turn, events } = source("six", () => Promise.reject(new Error("down")));
  made.want([wanted("http://m/x")]);
  await settled();
  made.want([]);
  deepStrictEqual(events.at(-1), { changes: [{ remove: wanted("http://m/x").as }], diagnostics: [] });
  const before = events.length;
  turn();
  await settled();
  strictEqual(events.length, before);
});
