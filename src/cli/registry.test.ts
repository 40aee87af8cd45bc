import { existsSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { enterMesh, leaveMesh, registryDir, runningMeshes } from "./registry.ts";
import { findServer } from "./server.ts";

let home: string;
const entry = (name: string, over: object = {}) => ({
  name,
  dir: `/work/${name}`,
  server: "http://127.0.0.1:21001",
  token: `token-${name}`,
  pid: 100,
  startedAt: 1000,
  ...over,
});

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), "weft-registry-"));
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

const folder = () => registryDir({}, home);
const deps = (over: object = {}) => ({
  env: {},
  cwd: "/",
  home,
  processes: { alive: (pid: number) => pid < 1000, stop: () => {} },
  ...over,
});

describe("the registry of running meshes", () => {
  test("an entry is readable by its owner only, and comes back", () => {
    const path = enterMesh(folder(), entry("bookinfo"));
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(runningMeshes(folder(), () => true)).toEqual([entry("bookinfo")]);
    expect(readdirSync(folder())).toEqual(["bookinfo.json"]);
  });

  test("entries of dead processes are passed over and removed; what is no entry stays", () => {
    enterMesh(folder(), entry("dead", { pid: 5000 }));
    enterMesh(folder(), entry("alive"));
    writeFileSync(join(folder(), "notes.json"), "{}");
    expect(runningMeshes(folder(), (pid) => pid === 100).map((m) => m.name)).toEqual(["alive"]);
    expect(readdirSync(folder()).sort()).toEqual(["alive.json", "notes.json"]);
  });

  test("a mesh takes only its own entry out", () => {
    const path = enterMesh(folder(), entry("bookinfo", { pid: 7 }));
    leaveMesh(folder(), "bookinfo", 8);
    expect(existsSync(path)).toBe(true);
    leaveMesh(folder(), "bookinfo", 7);
    expect(existsSync(path)).toBe(false);
  });

  test("a name cannot leave the folder", () => {
    const path = enterMesh(folder(), entry("../../x"));
    expect(path.startsWith(folder())).toBe(true);
  });

  test("XDG_STATE_HOME counts if it is absolute", () => {
    expect(registryDir({ XDG_STATE_HOME: "/state" }, "/h")).toBe("/state/weft/meshes");
    expect(registryDir({ XDG_STATE_HOME: "state" }, "/h")).toBe("/h/.local/state/weft/meshes");
  });
});

describe("where the control plane is", () => {
  test("the flag before the environment, that before the project, that before running meshes, that before the default", async () => {
    const project = join(home, "project");
    const cwd = join(project, "below");
    const { mkdirSync } = await import("node:fs");
    mkdirSync(cwd, { recursive: true });
    writeFileSync(join(home, "token"), "from-file\n");
    writeFileSync(join(project, ".weft.yaml"), "server: localhost:4\ntokenFile: ../token\n");
    enterMesh(folder(), entry("bookinfo"));
    const env = { WEFT_SERVER: "http://localhost:3/" };
    expect(await findServer("http://localhost:2", deps({ env, cwd }))).toMatchObject({
      server: "http://localhost:2",
      from: "--server",
    });
    expect(await findServer(undefined, deps({ env, cwd }))).toMatchObject({
      server: "http://localhost:3",
      from: "WEFT_SERVER",
    });
    expect(await findServer(undefined, deps({ cwd }))).toMatchObject({
      server: "http://localhost:4",
      token: "from-file",
    });
    expect(await findServer(undefined, deps())).toMatchObject({
      server: "http://127.0.0.1:21001",
      token: "token-bookinfo",
    });
    rmSync(folder(), { recursive: true });
    expect(await findServer(undefined, deps())).toMatchObject({ server: "http://localhost:20001", from: "default" });
  });

  test("a flag that names a running mesh gets its token, by whatever name of this machine", async () => {
    enterMesh(folder(), entry("bookinfo"));
    expect(await findServer("localhost:21001", deps())).toMatchObject({ token: "token-bookinfo" });
    expect((await findServer("localhost:21002", deps())).token).toBeUndefined();
    expect(await findServer("localhost:21002", deps({ env: { WEFT_TOKEN: "t" } }))).toMatchObject({ token: "t" });
  });

  test("of several meshes the one of this folder, else the latest, and it says so", async () => {
    enterMesh(folder(), entry("old", { startedAt: 1, server: "http://127.0.0.1:1" }));
    enterMesh(folder(), entry("new", { startedAt: 2, server: "http://127.0.0.1:2" }));
    expect(await findServer(undefined, deps({ cwd: "/work/old/yaml" }))).toMatchObject({ from: "mesh old" });
    const elsewhere = await findServer(undefined, deps({ cwd: "/elsewhere" }));
    expect(elsewhere).toMatchObject({ from: "mesh new", others: ["old"] });
  });
});
