import { spawn } from "node:child_process";

/** Runs a probe's command; undefined for exit code 0. Ended with all it started when its time is over. */
export function attemptProbe(
  argv: readonly string[],
  env: Readonly<Record<string, string>>,
  timeoutMs: number,
): Promise<string | undefined> {
  const child = spawn(argv[0] as string, argv.slice(1), { stdio: "ignore", detached: true, env: { ...env } });
  return new Promise((resolve) => {
    const timer = setTimeout(() => {
      resolve("exec: no end in time");
      try {
        if (child.pid !== undefined) process.kill(-child.pid, "SIGKILL");
      } catch {
        // It ended just now.
      }
    }, timeoutMs);
    child.on("error", (error) => resolve(`exec: ${error.message}`));
    child.on("exit", (code) => {
      clearTimeout(timer);
      resolve(code === 0 ? undefined : `exec: exit code ${code}`);
    });
  });
}
