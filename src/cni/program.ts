import { execFile } from "node:child_process";

/** Runs a program to its end with `input` on its standard input; answers its output. Rejects with what it complained of. */
export type RunProgram = (argv: readonly string[], input?: string) => Promise<string>;

/** None of ours takes longer than a moment, and a Pod's start waits for it. */
const longestMs = 10_000;

/** Runs programs of this machine. */
export const runProgram: RunProgram = (argv, input = "") => {
  const [program, ...args] = argv as [string, ...string[]];
  return new Promise((resolve, reject) => {
    const options = {
      timeout: longestMs,
      env: { PATH: "/usr/local/sbin:/usr/sbin:/sbin:/usr/local/bin:/usr/bin:/bin" },
    };
    const child = execFile(program, args, options, (error, out, complaint) => {
      if (error === null) resolve(out);
      else reject(new Error(`${argv.join(" ")}: ${complaint.trim() || error.message}`));
    });
    child.stdin?.on("error", () => {}); // It ended before it read everything: its exit code says why.
    child.stdin?.end(input);
  });
};
