import type { CliDeps } from "./deps.ts";
import { CliError } from "./exit.ts";
import { runCli } from "./program.ts";

/** What a run of the program wrote, and how it ended. */
export interface CliRun {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

export interface RunOptions extends Partial<Omit<CliDeps, "stdout" | "stderr">> {
  readonly stdin?: string;
  /** Hears what is printed as it is, of commands that go on. */
  readonly onOut?: (text: string) => void;
}

/** Runs one command line in this process, without a terminal, with nothing of this machine's environment. */
export async function runIt(argv: readonly string[], options: RunOptions = {}): Promise<CliRun> {
  const { stdin = "", onOut, ...overrides } = options;
  const written = { out: "", err: "" };
  const output = (name: "out" | "err") => ({
    write: (text: string) => {
      written[name] += text;
      if (name === "out") onOut?.(text);
    },
    isTTY: false,
  });
  const deps: CliDeps = {
    version: "0.1.0",
    stdout: output("out"),
    stderr: output("err"),
    readStdin: async () => stdin,
    env: {},
    cwd: "/",
    home: "/nonexistent",
    clock: {
      now: () => Date.now(),
      after: (ms, run) => {
        const timer = setTimeout(run, ms);
        return () => clearTimeout(timer);
      },
    },
    processes: { alive: () => false, stop: () => {} },
    sweep: async () => false,
    interrupted: new AbortController().signal,
    installFolder: new URL("../../data/install", import.meta.url).pathname,
    chartsFolder: new URL("../../charts", import.meta.url).pathname,
    loadValidate: async () => (await import("../analysis/validate/object.ts")).validateObject,
    up: async () => {
      throw new CliError(1, "not in this test");
    },
    serve: async () => {
      throw new CliError(1, "not in this test");
    },
    serveCluster: async () => {
      throw new CliError(1, "not in this test");
    },
    cni: async () => {
      throw new CliError(1, "not in this test");
    },
    ...overrides,
  };
  const code = await runCli(argv, deps);
  return { code, ...written };
}
