import {
  appendFileSync,
  mkdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  unlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import type { Resource } from "../../model/resource.ts";
import { nodeDisk } from "./disk.ts";
import { HandClock, service, Watched } from "./watched.test-kit.ts";

const open: Watched[] = [];

function watched(files: Readonly<Record<string, string>> = {}): Watched {
  const w = new Watched(files);
  open.push(w);
  return w;
}

afterEach(async () => {
  for (const w of open.splice(0)) await w.stop();
});

function ports(resource: Resource | undefined): unknown {
  return (resource?.spec as { ports?: unknown } | undefined)?.ports;
}

const has = (w: Watched, name: string, port: number) => () =>
  JSON.stringify(ports(w.inForce.get(name))) === JSON.stringify([{ port }]);

describe("the first look", () => {
  test("reads folders, YAML and JSON; leaves out dot-folders, node_modules and other files", async () => {
    const w = watched({
      "a.yaml": service("a"),
      "deep/er/b.yml": service("b"),
      "c.json": JSON.stringify({ apiVersion: "v1", kind: "Service", metadata: { name: "c" }, spec: {} }),
      "package.json": '{"name": "not-ours"}',
      "notes.txt": "kind: {",
      ".git/d.yaml": service("d"),
      "node_modules/e.yaml": service("e"),
      ".hidden.yaml": service("f"),
    });
    await w.start();
    expect(w.names).toEqual(["Service default/a", "Service default/b", "Service default/c"]);
    expect(w.told).toEqual([]);
    expect(w.events).toHaveLength(1);
    expect(w.inForce.get("Service default/b")?.origin.at).toBe(join(w.folder, "deep/er/b.yml:1:1"));
  });

  test("honours .weftignore, and its change", async () => {
    const w = watched({
      ".weftignore": "# samples\n*.draft.yaml\n/old/\n",
      "a.yaml": service("a"),
      "b.draft.yaml": service("b"),
      "old/c.yaml": service("c"),
      "x/old/d.yaml": service("d"),
    });
    await w.start();
    expect(w.names).toEqual(["Service default/a", "Service default/d"]);
    w.write(".weftignore", "/old/\n");
    await w.until(() => w.names.length === 3);
    expect(w.names).toContain("Service default/b");
    w.write(".weftignore", "a.yaml\n");
    await w.until(() => !w.inForce.has("Service default/a"));
  });

  test("gives all objects of the first load one instant, and what is there says otherwise", async () => {
    const dated = service("old").replace("  name: old", "  name: old\n  creationTimestamp: 2020-01-01T00:00:00Z");
    const w = watched({ "a.yaml": service("a"), "b.yaml": service("b"), "c.yaml": dated });
    await w.start();
    expect(w.inForce.get("Service default/a")?.createdAt).toBe(w.inForce.get("Service default/b")?.createdAt);
    expect(w.inForce.get("Service default/old")?.createdAt).toBe(Date.UTC(2020, 0, 1));
  });

  test("tells of a folder that is not there, and takes it when it comes", async () => {
    const w = watched();
    const missing = join(w.folder, "later");
    await w.start({ folders: [missing] });
    expect(w.told.join()).toContain("WEFT0018 there is no such folder");
    w.write("later/a.yaml", service("a"));
    await w.until(() => w.inForce.has("Service default/a") && w.told.length === 0);
  });
});

describe("a save", () => {
  test("takes effect, counts generations, and tells only what changed", async () => {
    const w = watched({ "a.yaml": service("a"), "b.yaml": service("b") });
    await w.start();
    w.write("a.yaml", service("a", 81));
    await w.until(has(w, "Service default/a", 81));
    expect(w.inForce.get("Service default/a")?.generation).toBe(2);
    expect(w.events.at(-1)?.changes).toHaveLength(1);
    w.write("a.yaml", `# moved\n${service("a", 81)}`);
    await w.until(() => w.inForce.get("Service default/a")?.origin.line === 2);
    expect(w.inForce.get("Service default/a")?.generation).toBe(2);
  });

  test("by rename over the file, as editors do", async () => {
    const w = watched({ "a.yaml": service("a") });
    await w.start();
    w.write(".a.yaml.swp", service("a", 81));
    renameSync(join(w.folder, ".a.yaml.swp"), join(w.folder, "a.yaml"));
    await w.until(has(w, "Service default/a", 81));
    w.write("b.tmp", service("a", 82));
    unlinkSync(join(w.folder, "a.yaml"));
    renameSync(join(w.folder, "b.tmp"), join(w.folder, "a.yaml"));
    await w.until(has(w, "Service default/a", 82));
    expect(w.events.flatMap((e) => e.changes).some((c) => "remove" in c)).toBe(false);
  });

  test("in two steps withdraws nothing in between", async () => {
    const w = watched({ "a.yaml": `${service("a")}---\n${service("b")}` });
    const clock = new HandClock();
    await w.start({ clock, quietMs: 25, lossMs: 75 });
    truncateSync(join(w.folder, "a.yaml"), 0);
    await clock.run(25);
    expect(clock.waits(75)).toBe(true);
    appendFileSync(join(w.folder, "a.yaml"), service("a", 81));
    await clock.run(25);
    expect(clock.waits(75)).toBe(true);
    expect(w.events).toHaveLength(1);
    appendFileSync(join(w.folder, "a.yaml"), `---\n${service("b", 81)}`);
    await clock.run(25);
    expect(clock.waits(75)).toBe(false);
    expect(has(w, "Service default/a", 81)() && has(w, "Service default/b", 81)()).toBe(true);
    expect(w.events).toHaveLength(2);
    truncateSync(join(w.folder, "a.yaml"), 0);
    await clock.run(25);
    await clock.run(75);
    expect(w.names).toEqual([]);
  });

  test("of a broken file leaves in force what it said, tells where, and is mended", async () => {
    const w = watched({ "a.yaml": `${service("a")}---\n${service("b")}`, "c.yaml": service("c") });
    await w.start();
    w.write("a.yaml", `${service("a", 81)}---\nkind: [\n`);
    await w.until(has(w, "Service default/a", 81));
    expect(w.names).toEqual(["Service default/a", "Service default/b", "Service default/c"]);
    expect(w.told).toEqual([expect.stringMatching(/^a\.yaml:\d+:\d+ error WEFT0001 /)]);
    w.write("a.yaml", `${service("a", 82)}`);
    await w.until(() => !w.inForce.has("Service default/b"));
    expect(w.told).toEqual([]);
  });

  test("of an object that is refused leaves the earlier one in force", async () => {
    const w = watched({ "a.yaml": service("a"), "b.yaml": service("b", 666) });
    const refuse = (r: Resource) =>
      JSON.stringify(ports(r)).includes("666")
        ? [{ code: "T1", level: "Error" as const, path: ["spec", "ports", 0, "port"], message: "no" }]
        : [];
    await w.start({ validate: refuse });
    expect(w.names).toEqual(["Service default/a"]);
    w.write("a.yaml", service("a", 666));
    await w.until(() => w.told.length === 2);
    expect(w.told).toEqual([
      "a.yaml:7:5 error T1 spec.ports[0].port: no",
      "b.yaml:7:5 error T1 spec.ports[0].port: no",
    ]);
    expect(ports(w.inForce.get("Service default/a"))).toEqual([{ port: 80 }]);
  });
});

describe("files that come and go", () => {
  test("a deletion withdraws", async () => {
    const w = watched({ "a.yaml": service("a"), "sub/b.yaml": service("b"), "sub/deep/c.yaml": service("c") });
    await w.start();
    unlinkSync(join(w.folder, "a.yaml"));
    await w.until(() => !w.inForce.has("Service default/a"));
    rmSync(join(w.folder, "sub"), { recursive: true });
    await w.until(() => w.names.length === 0);
  });

  test("a moved folder changes places only", async () => {
    const w = watched({ "one/a.yaml": service("a"), "one/deep/b.yaml": service("b") });
    await w.start();
    renameSync(join(w.folder, "one"), join(w.folder, "two"));
    await w.until(() => w.inForce.get("Service default/b")?.origin.file.endsWith("two/deep/b.yaml") === true);
    expect(w.names).toEqual(["Service default/a", "Service default/b"]);
    expect(w.told).toEqual([]);
    w.write("two/deep/b.yaml", service("b", 81));
    await w.until(has(w, "Service default/b", 81));
  });

  test("a folder that is removed and made again is watched again", async () => {
    const w = watched({ "sub/a.yaml": service("a") });
    await w.start();
    rmSync(join(w.folder, "sub"), { recursive: true });
    w.write("sub/a.yaml", service("a", 81));
    await w.until(has(w, "Service default/a", 81));
    w.write("sub/a.yaml", service("a", 82));
    await w.until(has(w, "Service default/a", 82));
  });

  test("a watched folder that is lost withdraws nothing", async () => {
    const w = watched({ "root/a.yaml": service("a") });
    await w.start({ folders: [join(w.folder, "root")] });
    renameSync(join(w.folder, "root"), join(w.folder, "away"));
    await w.until(() => w.told.join().includes("WEFT0018"));
    expect(w.names).toEqual(["Service default/a"]);
    w.write("root/a.yaml", service("a", 81));
    await w.until(has(w, "Service default/a", 81));
    expect(w.told).toEqual([]);
  });

  test("a ConfigMap's swap of links is one save", async () => {
    const w = watched();
    const at = (path: string): string => join(w.folder, path);
    w.write("..v1/a.yaml", service("a"));
    symlinkSync("..v1", at("..data"));
    symlinkSync("..data/a.yaml", at("a.yaml"));
    await w.start();
    expect(w.names).toEqual(["Service default/a"]);
    w.write("..v2/a.yaml", service("a", 81));
    symlinkSync("..v2", at("..data_tmp"));
    renameSync(at("..data_tmp"), at("..data"));
    await w.until(has(w, "Service default/a", 81));
    rmSync(at("..v1"), { recursive: true });
    w.write("..v2/a.yaml", service("a", 82));
    await w.until(has(w, "Service default/a", 82));
  });

  test("linked folders are followed, loops are not", async () => {
    const w = watched({ "outside/a.yaml": service("a"), "root/b.yaml": service("b") });
    symlinkSync("../outside", join(w.folder, "root/in"));
    symlinkSync(".", join(w.folder, "root/loop"));
    await w.start({ folders: [join(w.folder, "root")] });
    expect(w.names).toEqual(["Service default/a", "Service default/b"]);
    w.write("outside/a.yaml", service("a", 81));
    await w.until(has(w, "Service default/a", 81));
  });

  test("files that cannot be read are told, and nothing is lost", async () => {
    const w = watched({ "a.yaml": service("a") });
    await w.start();
    w.write("a.yaml", new Uint8Array([0x61, 0x3a, 0x20, 0xff, 0xfe]));
    await w.until(() => w.told.length === 1);
    expect(w.told).toEqual(["a.yaml:1:1 error WEFT0001 the file is not UTF-8; save it as UTF-8"]);
    writeFileSync(join(w.folder, "a.yaml"), "#".repeat(10 * 1024 * 1024 + 1));
    await w.until(() => w.told.join().includes("MiB"));
    expect(w.names).toEqual(["Service default/a"]);
    unlinkSync(join(w.folder, "a.yaml"));
    mkdirSync(join(w.folder, "a.yaml"));
    await w.until(() => w.names.length === 0);
  });
});

test("where nothing can be watched, the folder is looked at by the clock", async () => {
  const w = watched({ "a.yaml": service("a") });
  const clock = new HandClock();
  await w.start({ clock, disk: { ...nodeDisk, watch: () => undefined } });
  w.write("a.yaml", service("a", 81));
  w.write("sub/b.yaml", service("b"));
  await clock.run(500);
  expect(w.names).toEqual(["Service default/a", "Service default/b"]);
  expect(has(w, "Service default/a", 81)()).toBe(true);
  expect(clock.waits(500)).toBe(true);
});

describe("one object in two files", () => {
  test("the first path wins, both places are told, and the other takes over", async () => {
    const w = watched({ "a.yaml": service("s", 1), "b.yaml": `# b\n${service("s", 2)}` });
    await w.start();
    expect(ports(w.inForce.get("Service default/s"))).toEqual([{ port: 1 }]);
    expect(w.told).toEqual([
      `b.yaml:2:1 error WEFT0010 Service default/s is also written in a.yaml:1:1, which wins; remove one of the two, or give it another name`,
    ]);
    unlinkSync(join(w.folder, "a.yaml"));
    await w.until(has(w, "Service default/s", 2));
    expect(w.told).toEqual([]);
  });

  test("twice in one file is told as well", async () => {
    const w = watched({ "a.yaml": `${service("s", 1)}---\n${service("s", 2)}` });
    await w.start();
    expect(ports(w.inForce.get("Service default/s"))).toEqual([{ port: 1 }]);
    expect(w.told.join()).toContain("WEFT0010");
  });
});

test("an underlay gives way without a word", async () => {
  const w = watched({ "base/z.yaml": service("a", 1), "under/a.yaml": `${service("a", 2)}---\n${service("b", 2)}` });
  await w.start({ folders: [join(w.folder, "base")], underlays: [join(w.folder, "under")] });
  expect([ports(w.inForce.get("Service default/a")), ports(w.inForce.get("Service default/b"))]).toEqual([
    [{ port: 1 }],
    [{ port: 2 }],
  ]);
  expect(w.told).toEqual([]);
  unlinkSync(join(w.folder, "base/z.yaml"));
  await w.until(has(w, "Service default/a", 2));
});
