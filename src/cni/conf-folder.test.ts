import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { Log } from "../std/log.ts";
import { type ConfFolder, installPlugin, keepPlugin, removePlugin } from "./conf-folder.ts";

const entry = { socket: "/run/weft-cni/agent.sock", excludeNamespaces: ["kube-system"] };
const bridge = { type: "bridge", bridge: "cni0", mtu: 1450, ipam: { type: "host-local" } };
const list = (...plugins: object[]) => JSON.stringify({ cniVersion: "1.0.0", name: "pods", plugins });

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "weft-cni-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const put = (name: string, text: string, mode = 0o644) => writeFileSync(join(folder, name), text, { mode });
const read = (name: string) => JSON.parse(readFileSync(join(folder, name), "utf8"));
const types = (name: string): string[] => read(name).plugins.map(({ type }: { type: string }) => type);

describe("the node's network configuration", () => {
  test("has our entry last in the first list, and all else as it was", async () => {
    put("20-other.conflist", list({ type: "other" }));
    put("10-pods.conflist", list(bridge, { type: "portmap", capabilities: { portMappings: true } }), 0o600);
    put("05-notes.txt", "no configuration");
    expect(await installPlugin(folder, entry)).toBe(join(folder, "10-pods.conflist"));
    expect(read("10-pods.conflist")).toEqual({
      cniVersion: "1.0.0",
      name: "pods",
      plugins: [
        bridge,
        { type: "portmap", capabilities: { portMappings: true } },
        {
          type: "weft-cni",
          capabilities: { "io.kubernetes.cri.pod-annotations": true },
          socket: "/run/weft-cni/agent.sock",
          excludeNamespaces: ["kube-system"],
        },
      ],
    });
    expect(statSync(join(folder, "10-pods.conflist")).mode & 0o777).toBe(0o600);
    expect(types("20-other.conflist")).toEqual(["other"]);
    expect(await installPlugin(folder, entry)).toBeUndefined();
  });

  test("has our entry last again where another tool has put one behind it, or changed it", async () => {
    put("10-pods.conflist", list(bridge, { type: "weft-cni", socket: "/old" }, { type: "portmap" }));
    await installPlugin(folder, entry);
    expect(types("10-pods.conflist")).toEqual(["bridge", "portmap", "weft-cni"]);
    expect(read("10-pods.conflist").plugins[2].socket).toBe(entry.socket);
  });

  test("becomes a list where it is a single plugin", async () => {
    put("10-pods.conf", JSON.stringify({ cniVersion: "0.3.1", name: "pods", ...bridge }));
    expect(await installPlugin(folder, entry)).toBe(join(folder, "10-pods.conflist"));
    expect(readdirSync(folder)).toEqual(["10-pods.conflist"]);
    expect(read("10-pods.conflist")).toMatchObject({ cniVersion: "0.3.1", name: "pods", plugins: [bridge, {}] });
  });

  test("is left alone where it cannot be read, with words that name the file", async () => {
    await expect(installPlugin(folder, entry)).rejects.toThrow("no network configuration yet");
    put("10-pods.conflist", '{"name": "po');
    await expect(installPlugin(folder, entry)).rejects.toThrow(join(folder, "10-pods.conflist"));
    put("10-pods.conflist", '{"name": "pods"}');
    await expect(installPlugin(folder, entry)).rejects.toThrow("neither plugins nor a type");
    expect(readFileSync(join(folder, "10-pods.conflist"), "utf8")).toBe('{"name": "pods"}');
  });

  test("is as before us once we are taken out, of each file", async () => {
    put("10-pods.conflist", list(bridge));
    put("20-old.conflist", list({ type: "other" }, { type: "weft-cni" }));
    put("30-odd.conflist", "{");
    await installPlugin(folder, entry);
    expect(await removePlugin(folder)).toEqual([join(folder, "10-pods.conflist"), join(folder, "20-old.conflist")]);
    expect(read("10-pods.conflist")).toEqual(JSON.parse(list(bridge)));
    expect(types("20-old.conflist")).toEqual(["other"]);
    expect(await removePlugin(folder)).toEqual([]);
  });
});

describe("while the agent runs", () => {
  let kept: ConfFolder | undefined;
  afterEach(() => kept?.stop());

  const log: Log = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {}, with: () => log };
  const clock = {
    now: () => Date.now(),
    after: (ms: number, run: () => void) => {
      const timer = setTimeout(run, ms);
      return () => clearTimeout(timer);
    },
  };

  test("it waits for a configuration, and puts our entry in again after other tools", async () => {
    kept = await keepPlugin({ folder, entry, clock, log });
    expect(kept.installed()).toBe(false);
    put("10-pods.conflist", list(bridge));
    await vi.waitFor(() => expect(types("10-pods.conflist")).toEqual(["bridge", "weft-cni"]), 10_000);
    await vi.waitFor(() => expect(kept?.installed()).toBe(true), 10_000);
    put("10-pods.conflist", list({ ...bridge, mtu: 9000 }, { type: "bandwidth" }));
    await vi.waitFor(() => expect(types("10-pods.conflist")).toEqual(["bridge", "bandwidth", "weft-cni"]), 10_000);
    expect(read("10-pods.conflist").plugins[0].mtu).toBe(9000);
    put("00-new.conflist", list({ type: "ptp" }));
    await vi.waitFor(() => expect(types("00-new.conflist")).toEqual(["ptp", "weft-cni"]), 10_000);
  });
});
