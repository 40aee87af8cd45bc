import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { AppliedObject } from "../../src/api/contract/apply.ts";
import { runIt } from "../../src/cli/cli.fixture.ts";
import { enterMesh, registryDir } from "../../src/cli/registry.ts";
import { config } from "./bookinfo.ts";
import { type Answers, serve } from "./control-plane.ts";

let home: string;
let plane: Awaited<ReturnType<typeof serve>> | undefined;

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), "weft-cli-"));
});
afterEach(async () => {
  await plane?.close();
  plane = undefined;
  rmSync(home, { recursive: true, force: true });
});

/** Runs a command against a control plane with these answers, as a user whose registry knows it. */
async function ask(argv: readonly string[], answers: Answers, stdin = "") {
  plane ??= await serve(answers);
  const entry = { name: "bookinfo", dir: "/x", server: plane.url, token: "right", pid: 1, startedAt: 1 };
  enterMesh(registryDir({}, home), entry);
  return runIt(argv, { home, cwd: home, stdin, processes: { alive: () => true, stop: () => {} } });
}

describe("apply and delete", () => {
  const yaml = (config[0]?.yaml ?? "").replace("[reviews]", "[reviews, other]");
  const applied = (outcome: AppliedObject["outcome"], over: Partial<AppliedObject> = {}): AppliedObject => ({
    name: "virtualservice.networking.istio.io/reviews",
    namespace: "default",
    outcome,
    diagnostics: [],
    ...over,
  });

  test("a change is sent with the token, told, and can be taken back by the command that is printed", async () => {
    writeFileSync(join(home, "reviews.yaml"), yaml);
    const answers: Answers = { config, apply: () => [200, { dryRun: false, objects: [applied("configured")] }] };
    const { code, out, err } = await ask(["apply", "-f", "reviews.yaml"], answers);
    expect({ code, out }).toEqual({ code: 0, out: "virtualservice.networking.istio.io/reviews configured\n" });
    expect(plane?.asked.at(-1)).toEqual({
      method: "POST",
      path: `apply?folder=${encodeURIComponent(home)}`,
      token: "right",
      body: yaml,
    });
    const [, path = ""] = /^undo: weft apply -f (.*)$/m.exec(err) ?? [];
    expect(readFileSync(path, "utf8")).toBe(`---\n${config[0]?.yaml}`);
  });

  test("what was created is undone by deleting it", async () => {
    const answers: Answers = { config: [], apply: () => [200, { dryRun: false, objects: [applied("created")] }] };
    const { err } = await ask(["apply", "-f", "-"], answers, yaml);
    expect(err).toContain("undo: weft delete virtualservice.networking.istio.io/reviews -n default\n");
  });

  test("a dry run changes nothing, keeps nothing and says so", async () => {
    const answers: Answers = {
      config,
      apply: (_, query) => [200, { dryRun: query.has("dryRun"), objects: [applied("configured")] }],
    };
    const { out, err } = await ask(["apply", "-f", "-", "--dry-run"], answers, yaml);
    expect(out).toBe("virtualservice.networking.istio.io/reviews configured (dry run)\n");
    expect(err).toBe("");
    expect(plane?.asked.map((a) => a.path)).toEqual(["apply?dryRun=true"]);
    expect(readdirSync(join(home, ".local/state/weft"))).toEqual(["meshes"]);
  });

  test("a refusal names the place in the file that was given, and ends with 65", async () => {
    writeFileSync(join(home, "bad.yaml"), "kind: x\n");
    const finding = {
      code: "WEFT0012",
      level: "Error",
      origin: "",
      at: "apply:3:7",
      field: "spec.htttp",
      message: "unknown field",
      fix: "write http",
    } as const;
    const refused = applied("refused", { diagnostics: [finding] });
    const { code, err } = await ask(["apply", "-f", "bad.yaml"], {
      config,
      apply: () => [422, { dryRun: false, objects: [refused] }],
    });
    expect(code).toBe(65);
    expect(err).toBe("bad.yaml:3:7 error WEFT0012 spec.htttp: unknown field; write http\n");
  });

  test("--wait that ends first is told with who is waited for, and ends with 75", async () => {
    const wait = { done: false, total: 2, synced: 1, waitingFor: ["reviews-v1-0"] };
    const answers: Answers = { config, apply: () => [504, { dryRun: false, objects: [applied("configured")], wait }] };
    const { code, err } = await ask(["apply", "-f", "-", "--wait", "5s"], answers, yaml);
    expect(code).toBe(75);
    expect(err).toContain("1 of 2 proxies have it; waiting for reviews-v1-0. The change stays.");
    expect(plane?.asked.at(-1)?.path).toBe("apply?wait=5000ms");
  });

  test("delete by kind and name sends the object's identity", async () => {
    const answers: Answers = { config, delete: () => [200, { dryRun: false, objects: [applied("deleted")] }] };
    const { code, err } = await ask(["delete", "vs", "reviews"], answers);
    expect(code).toBe(0);
    expect(err).toContain("undo: weft apply -f ");
    expect(JSON.parse(plane?.asked.at(-1)?.body ?? "")).toEqual({
      apiVersion: "networking.istio.io/v1",
      kind: "VirtualService",
      metadata: { name: "reviews", namespace: "default" },
    });
  });

  test("without the token it is denied, with a hint, and ends with 5", async () => {
    plane = await serve({ config, apply: () => [200, { dryRun: false, objects: [] }] });
    const { code, err } = await runIt(["apply", "-f", "-", "--server", plane.url], { stdin: yaml, home });
    expect(code).toBe(5);
    expect(err).toContain("no token is known for");
  });
});
