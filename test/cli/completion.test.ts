import { execFileSync, spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { runIt } from "../../src/cli/cli.fixture.ts";
import { config, proxy, workload } from "./bookinfo.ts";
import { serve } from "./control-plane.ts";

const weft = join(import.meta.dirname, "..", "..", "src", "main", "weft.ts");
let folder: string;
let plane: Awaited<ReturnType<typeof serve>>;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "weft-completion-"));
  mkdirSync(join(folder, "bin"));
  mkdirSync(join(folder, "yaml files"));
  writeFileSync(join(folder, "bin", "weft"), `#!/bin/sh\nexec ${process.execPath} ${weft} "$@"\n`);
  chmodSync(join(folder, "bin", "weft"), 0o755);
  for (const shell of ["bash", "zsh", "fish"])
    writeFileSync(join(folder, `weft.${shell}`), (await runIt(["completion", shell])).out);
  const proxies = { items: [proxy("reviews-v1-0.default"), proxy("ratings-v1-0.shop")] };
  plane = await serve({ config, proxies, workloads: [workload("reviews-v1", ["reviews-v1-0"])] });
});
afterAll(async () => {
  await plane.close();
  rmSync(folder, { recursive: true, force: true });
});

function has(shell: string): boolean {
  return spawnSync(shell, ["-c", "true"]).status === 0;
}

/** Runs a shell's script without blocking the server of this process. */
async function run(shell: string, args: readonly string[]): Promise<string[]> {
  const { execFile } = await import("node:child_process");
  const env = {
    PATH: `${join(folder, "bin")}:${process.env["PATH"]}`,
    HOME: folder,
    XDG_STATE_HOME: folder,
    WEFT_SERVER: plane.url,
    TERM: "dumb",
  };
  const out = await new Promise<string>((resolve, reject) => {
    execFile(shell, args, { env, cwd: folder }, (error, stdout, stderr) =>
      error ? reject(new Error(`${error.message}\n${stderr}`)) : resolve(stdout),
    );
  });
  return out.split("\n").filter((line) => line !== "");
}

const completions: Readonly<Record<string, (words: readonly string[]) => Promise<string[]>>> = {
  bash: (words) => {
    const array = words.map((w) => `'${w}'`).join(" ");
    const script = `source ${folder}/weft.bash; COMP_WORDS=(weft ${array}); COMP_CWORD=${words.length}; compopt() { :; }; _weft; printf '%s\\n' "\${COMPREPLY[@]}"`;
    return run("bash", ["--norc", "-c", script]);
  },
  zsh: (words) => {
    // Completion functions run inside the line editor only: what they would offer is printed in its place.
    const array = words.map((w) => `'${w}'`).join(" ");
    const script = `compdef() { :; }; _files() { print -r -- FILES; }; _describe() { local a=$3; for c in "\${(@P)a}"; do c=\${c//\\\\:/$'\\x01'}; c=\${c%%:*}; print -r -- \${c//$'\\x01'/:}; done; }; source ${folder}/weft.zsh; words=(weft ${array}); CURRENT=${words.length + 1}; _weft`;
    return run("zsh", ["-f", "-c", script]);
  },
  fish: async (words) => {
    const line = ["weft", ...words].join(" ");
    const lines = await run("fish", ["--no-config", "-c", `source ${folder}/weft.fish; complete -C '${line}'`]);
    return lines.map((l) => l.split("\t")[0] ?? "");
  },
};

describe.each(["bash", "zsh", "fish"])("%s", (shell) => {
  const complete = completions[shell] as (words: readonly string[]) => Promise<string[]>;

  test("the shell is installed and takes the script", () => {
    expect(has(shell), `${shell} is needed for this test`).toBe(true);
    execFileSync(shell, ["-n", join(folder, `weft.${shell}`)]);
  });

  test("commands", async () => {
    expect((await complete(["proxy-"])).sort()).toEqual(["proxy-config", "proxy-status"]);
  });

  test("flags", async () => {
    const found = await complete(["apply", "--d"]);
    expect(found).toContain("--dry-run");
    expect(found).not.toContain("--wait");
  });

  test("choices of a flag", async () => {
    expect((await complete(["get", "vs", "-o", ""])).sort()).toEqual(["json", "name", "table", "wide", "yaml"]);
  });

  test("names of pods, of kinds and of objects, from the control plane", async () => {
    expect((await complete(["pc", "route", "re"])).sort()).toEqual(["reviews-v1", "reviews-v1-0.default"]);
    expect(await complete(["get", "virtualserv"])).toEqual(["virtualservices"]);
    expect((await complete(["get", "vs", ""])).sort()).toEqual(["ratings", "reviews"]);
    expect(await complete(["logs", "deployment/re"])).toEqual(["deployment/reviews-v1"]);
  });
});

test("bash completes folders, names with spaces included", async () => {
  expect(await (completions["bash"] as (w: readonly string[]) => Promise<string[]>)(["up", "ya"])).toEqual([
    "yaml files",
  ]);
});

test("without a control plane there are no names, and nothing else", async () => {
  const { code, out, err } = await runIt(["__complete", "--", "logs", ""], {
    env: { WEFT_SERVER: "http://127.0.0.1:21999" },
  });
  expect({ code, out, err }).toEqual({ code: 0, out: "", err: "" });
});
