import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, openSync, rmSync } from "node:fs";
import type { Clock } from "../std/clock.ts";
import type { Log } from "../std/log.ts";
import type { Random } from "../std/random.ts";
import { type AdminAddress, activeConnections, askAdmin, isReady } from "./admin.ts";
import { lastWords } from "./last-words.ts";
import { defaultComponentLogLevel } from "./log-level.ts";
import type { ProcessId } from "./process.ts";
import { type Supervisor, supervise } from "./supervisor.ts";

export interface ProxyOptions {
  readonly kind: "sidecar" | "router";
  readonly envoyPath: string;
  /** Put before Envoy's command: how to enter its network namespace. */
  readonly enter: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** JSON bootstrap on disk. */
  readonly bootstrapFile: string;
  readonly admin: AdminAddress;
  readonly logFile: string;
  readonly logLevel?: string;
  /** Worker threads; 1 unless said otherwise. */
  readonly concurrency?: number;
  /** Further arguments of Envoy. */
  readonly args?: readonly string[];
  /** How long a drained listener goes on taking connections. Seconds. */
  readonly drainSeconds: number;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  onStart?(id: ProcessId): void;
  /** Envoy ended, and starts again in so many milliseconds. */
  onExit?(reason: string, restartInMs: number): void;
}

/** An Envoy beside one workload. */
export interface ProxyRun {
  readonly process: Supervisor;
  readonly admin: AdminAddress;
  /** Resolves when Envoy has its configuration and listens; rejects when `signal` aborts. */
  ready(signal: AbortSignal): Promise<void>;
  /** Tells its clients to go elsewhere, and waits until nobody is connected any more: `atLeastMs`, since clients learn late, and `atMostMs`. */
  drain(atLeastMs: number, atMostMs: number): Promise<void>;
  stop(): Promise<void>;
}

/** Runs Envoy: started again when it ends, at once after a good run and with growing delays else. */
export function runProxy(options: ProxyOptions): ProxyRun {
  const { clock, random, log, admin } = options;
  const process = supervise({
    spawn: () => launch(options),
    clock,
    random,
    backoff: { base: 100, max: 5000 },
    goodAfter: 1000,
    onStart: (id) => options.onStart?.(id),
    onExit(exit, restartInMs) {
      const how =
        exit.error ??
        (exit.signal ? `ended by ${exit.signal}` : exit.code === null ? "ended" : `exit code ${exit.code}`);
      const words = lastWords(options.logFile);
      const reason = words === undefined ? how : `${how}: ${words}`;
      log.warn("Envoy ended, it is started again", {
        reason,
        restartInMs: Math.round(restartInMs),
        logFile: options.logFile,
      });
      options.onExit?.(reason, restartInMs);
    },
  });
  return {
    process,
    admin,
    ready: (signal) => until(() => isReady(admin), 25, clock, signal),
    drain: (atLeastMs, atMostMs) => drain(options, atLeastMs, atMostMs),
    stop: () => process.stop(2000),
  };
}

function launch(options: ProxyOptions): ChildProcess {
  if ("path" in options.admin) rmSync(options.admin.path, { force: true });
  const [command, ...args] = [
    ...options.enter,
    options.envoyPath,
    ...["-c", options.bootstrapFile, "--disable-hot-restart"],
    ...["--concurrency", String(options.concurrency ?? 1), "--log-level", options.logLevel ?? "warning"],
    ...["--component-log-level", defaultComponentLogLevel],
    ...["--drain-time-s", String(options.drainSeconds), "--drain-strategy", "immediate"],
    ...(options.args ?? []),
  ];
  const out = openSync(options.logFile, "a", 0o600);
  try {
    return spawn(command as string, args, { stdio: ["ignore", out, out], detached: true, env: { ...options.env } });
  } finally {
    closeSync(out);
  }
}

async function drain(options: ProxyOptions, atLeastMs: number, atMostMs: number): Promise<void> {
  const { admin, kind, clock } = options;
  const began = clock.now();
  try {
    // A sidecar keeps its way out open: the application may still need it for the requests it is working on.
    const which = kind === "sidecar" ? "graceful&inboundonly&skip_exit" : "graceful&skip_exit";
    await askAdmin(admin, "POST", `/drain_listeners?${which}`);
    const over = async () => {
      const ms = clock.now() - began;
      return ms >= atMostMs || (ms >= atLeastMs && (await activeConnections(admin, kind)) === 0);
    };
    await until(over, 100, clock, AbortSignal.timeout(atMostMs + 5000));
  } catch (error) {
    options.log.debug("Envoy could not be drained", { error: String(error) });
  }
}

async function until(done: () => Promise<boolean>, everyMs: number, clock: Clock, signal: AbortSignal): Promise<void> {
  while (!(await done())) {
    signal.throwIfAborted();
    await new Promise<void>((resolve) => clock.after(everyMs, resolve));
  }
}
