import { spawn } from "node:child_process";
import { constants } from "node:os";

/** Runs a program to its end; answers its output, or rejects with the first and the last lines that it said. */
export function run(command, args, options = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { stdio: ["ignore", "pipe", "pipe"], ...options });
    let out = "";
    let all = "";
    child.stdout.on("data", (data) => {
      out += data;
      all += data;
    });
    child.stderr.on("data", (data) => {
      all += data;
    });
    child.on("error", (error) =>
      reject(new Error(`${command}: ${error.code === "ENOENT" ? "not found" : error.message}`)),
    );
    child.on("close", (code) => {
      if (code === 0) return resolve(out);
      reject(
        new Error(`${[command, ...args].join(" ")}: exit code ${code}\n${ends(all.trim().split("\n")).join("\n")}`),
      );
    });
  });
}

/** What went wrong stands first with some programs, and last with others. */
function ends(lines) {
  return lines.length <= 30 ? lines : [...lines.slice(0, 10), "...", ...lines.slice(-20)];
}

/** Lets another program take our place: its terminal, its signals, its exit code. Never returns. */
export function become(command, args, options = {}) {
  const child = spawn(command, args, { stdio: "inherit", ...options });
  const signals = ["SIGINT", "SIGTERM", "SIGHUP", "SIGUSR1"];
  for (const signal of signals) {
    process.on(signal, () => {
      // A terminal gives Ctrl-C to both of us: given on once more it would count as a second one.
      if (signal !== "SIGINT" || !process.stdin.isTTY) child.kill(signal);
    });
  }
  child.on("error", (error) => {
    process.stderr.write(`${command}: ${error.message}\n`);
    process.exit(1);
  });
  child.on("exit", (code, signal) => {
    for (const name of signals) process.removeAllListeners(name);
    if (signal === null) process.exit(code);
    process.kill(process.pid, signal);
    // Where the signal does not end us, its number does.
    setTimeout(() => process.exit(128 + (constants.signals[signal] ?? 0)), 100);
  });
  return new Promise(() => {});
}

/** The environment for an npm of our own: without what the npm that started us says about its own project. */
export function npmEnv(env = process.env) {
  const own =
    /^npm_(package|lifecycle|config_(local_prefix|prefix|global_prefix|noproxy|user_agent))|^(INIT_CWD|npm_command|npm_execpath)$/;
  return Object.fromEntries(Object.entries(env).filter(([name]) => !own.test(name)));
}
