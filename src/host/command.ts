import { spawn } from "node:child_process";
import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";

/** Runs a program to its end with `input` on its standard input; answers its output, or rejects with what it complained of. */
export function run(argv: readonly string[], input = ""): Promise<string> {
  const [program, ...args] = argv as [string, ...string[]];
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { stdio: ["pipe", "pipe", "pipe"], env: toolEnv() });
    let out = "";
    let complaint = "";
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      out += text;
    });
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      complaint += text;
    });
    child.on("error", reject);
    child.stdin.on("error", () => {}); // It ended before it read everything: its exit code says why.
    child.on("close", (code) =>
      code === 0 ? resolve(out) : reject(new Error(`${argv.join(" ")}: ${complaint.trim() || `exit code ${code}`}`)),
    );
    child.stdin.end(input);
  });
}

/** As `run`, but answers undefined where the program fails: for things that may be gone already. */
export async function attempt(argv: readonly string[], input = ""): Promise<string | undefined> {
  return run(argv, input).catch(() => undefined);
}

/** Administration tools live in sbin, which a user's PATH often lacks. */
export function toolEnv(): NodeJS.ProcessEnv {
  return { ...process.env, PATH: toolPath(), LC_ALL: "C" };
}

function toolPath(): string {
  return [process.env["PATH"] ?? "", "/usr/local/sbin", "/usr/sbin", "/sbin", "/usr/bin", "/bin"].join(delimiter);
}

/** Full path of a program, or undefined. */
export function find(program: string): string | undefined {
  for (const folder of toolPath().split(delimiter)) {
    const file = join(folder, program);
    try {
      accessSync(file, constants.X_OK);
      return file;
    } catch {
      // Not in this folder.
    }
  }
  return undefined;
}
