import { describe, expect, test } from "vitest";
import { configTypes } from "../api/cli-contract.ts";
import { runIt } from "./cli.fixture.ts";
import { commands } from "./commands.ts";

describe("help", () => {
  const all = [
    ["--help"],
    ...commands.map((c) => [c.name, "--help"]),
    ...configTypes.map((type) => ["proxy-config", type, "--help"]),
  ];
  test.each(all.map((argv) => [argv.join(" "), argv] as const))(
    "%s fits 80 columns and begins with examples",
    async (_, argv) => {
      const { code, out, err } = await runIt(argv);
      expect(code).toBe(0);
      expect(err).toBe("");
      expect(out.split("\n").filter((line) => line.length > 80)).toEqual([]);
      expect(out.indexOf("Examples:")).toBeGreaterThanOrEqual(0);
      expect(out.indexOf("Examples:")).toBeLessThan(out.indexOf("Options:"));
    },
  );

  test("every command is listed, with its alias", async () => {
    const { out } = await runIt(["--help"]);
    for (const { name } of commands) expect(out).toMatch(new RegExp(`^  ${name}[ ,]`, "m"));
    expect(out).toContain("proxy-status, ps");
  });
});

describe("usage errors end with 64 and name what was meant", () => {
  test.each([
    [["analyse"], "Did you mean analyze?"],
    [["get", "--namespaze", "x"], "Did you mean --namespace?"],
    [["get", "vs", "-o", "jsn"], "Allowed choices are table, wide, json, yaml, name"],
    [["proxy-config", "clutser", "x"], "Did you mean cluster?"],
    [["logs"], "missing required argument"],
    [["serve", "/tmp"], "--xds"],
    [["load", "http://x", "--duration", "5x"], 'write it like "30s"'],
    [["validate"], "weft validate -f FILE"],
    [
      ["analyze", "--analyzer", "virtualservice.GatewayAnalyser", "x.yaml"],
      "did you mean virtualservice.GatewayAnalyzer?",
    ],
    [["--server", "ftp://x", "get"], "write it like http://localhost:20001"],
    [["up", ".", "--http-port", "80800"], "It is no port"],
  ])("%j", async (argv, words) => {
    const { code, out, err } = await runIt(argv as string[]);
    expect(err.replaceAll("\n", " ")).toContain(words);
    expect({ code, out }).toEqual({ code: 64, out: "" });
  });

  test("no command at all prints help and ends with 64", async () => {
    const { code, out, err } = await runIt([]);
    expect(code).toBe(64);
    expect(out + err).toContain("Usage: weft COMMAND");
  });
});

describe("input that is not there", () => {
  test.each([
    [["validate", "-f", "nosuch.yaml"], 66],
    [["analyze", "nosuch.yaml"], 66],
    [["up", "nosuch"], 66],
    [["explain", "WEFT9999"], 4],
  ])("%j ends with %d", async (argv, expected) => {
    const { code, out } = await runIt(argv as string[], { cwd: "/tmp" });
    expect({ code, out }).toEqual({ code: expected, out: "" });
  });
});

test("a fault of ours ends with 1, without a stack trace unless --debug", async () => {
  const broken = { loadValidate: async () => Promise.reject(new Error("broken inside")) };
  const plain = await runIt(["validate", "-f", "-"], broken);
  expect(plain.code).toBe(1);
  expect(plain.err).toContain("broken inside");
  expect(plain.err).not.toContain("    at ");
  const debug = await runIt(["--debug", "validate", "-f", "-"], broken);
  expect(debug.err).toContain("    at ");
});

test("a code is explained offline", async () => {
  const { code, out } = await runIt(["explain", "weft0012"]);
  expect(code).toBe(0);
  expect(out).toContain("A field is not known");
  const listed = await runIt(["explain", "-o", "name"]);
  expect(listed.out.split("\n")).toEqual(expect.arrayContaining(["IST0101", "WEFT0001"]));
});

test("colours come with --color, and not into a pipe", async () => {
  const escape = "\u001b[";
  expect((await runIt(["explain", "IST0101"])).out).not.toContain(escape);
  expect((await runIt(["explain", "IST0101", "--color", "always"])).out).toContain(escape);
  const env = { FORCE_COLOR: "1", NO_COLOR: "1" };
  expect((await runIt(["explain", "IST0101"], { env })).out).not.toContain(escape);
  expect((await runIt(["explain", "IST0101"], { env: { FORCE_COLOR: "1" } })).out).toContain(escape);
});
