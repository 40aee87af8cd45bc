import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import type { Resource } from "../model/resource.ts";
import { service, Watched } from "./folder/watched.test-kit.ts";
import { deleteInOverlay, tombstoneOf, writeOverlay } from "./overlay.ts";

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

describe("an overlay", () => {
  const ref = (name: string) => ({ type: "Service", namespace: "default", name });

  test("wins, hides, and is taken back", async () => {
    const w = watched({ "base/a.yaml": service("a"), "base/b.yaml": service("b") });
    const overlay = join(w.folder, "overlay");
    await w.start({ folders: [join(w.folder, "base")], overlay });
    writeOverlay(overlay, ref("a"), service("a", 81));
    writeOverlay(overlay, ref("new"), service("new", 81));
    await w.until(() => has(w, "Service default/a", 81)() && w.inForce.has("Service default/new"));
    expect(w.told).toEqual([]);
    deleteInOverlay(overlay, ref("a"), true);
    deleteInOverlay(overlay, ref("b"), true);
    deleteInOverlay(overlay, ref("new"), false);
    await w.until(() => w.names.length === 0);
    writeOverlay(overlay, ref("b"), service("b", 82));
    await w.until(has(w, "Service default/b", 82));
    rmSync(overlay, { recursive: true });
    await w.until(has(w, "Service default/a", 80));
  });

  test("is there after a restart", async () => {
    const w = watched({ "base/a.yaml": service("a"), "base/b.yaml": service("b") });
    const overlay = join(w.folder, "overlay");
    writeOverlay(overlay, ref("a"), service("a", 81));
    deleteInOverlay(overlay, ref("b"), true);
    await w.start({ folders: [join(w.folder, "base")], overlay });
    expect(w.names).toEqual(["Service default/a"]);
    expect(ports(w.inForce.get("Service default/a"))).toEqual([{ port: 81 }]);
  });
});

test("writes <type>/<namespace>/<name>.yaml, and names stay inside the folder", () => {
  const w = watched();
  const role = { type: "ClusterRole.rbac.authorization.k8s.io", namespace: "", name: "system:node/../../x" };
  const path = writeOverlay(w.folder, role, "x");
  expect(path).toBe(join(w.folder, "ClusterRole.rbac.authorization.k8s.io/_cluster/system%3Anode%2F..%2F..%2Fx.yaml"));
  expect(readFileSync(path, "utf8")).toBe("x");
  expect(tombstoneOf(path.replace(/yaml$/, "deleted"), w.folder)).toEqual(role);
  expect(tombstoneOf(path, w.folder)).toBeUndefined();
});
