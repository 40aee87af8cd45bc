import { mkdirSync } from "node:fs";
import { dirname } from "node:path";
import { pino } from "pino";
import type { Log } from "../std/log.ts";

export type LogLevel = "debug" | "info" | "warn" | "error";

/** Lines of JSON on standard error: standard output is for data. */
export function jsonLog(level: LogLevel): Log {
  return to(level, 2);
}

/** The same into a file that its owner alone may read, for a program whose terminal shows something else. */
export function fileLog(level: LogLevel, file: string): Log {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  return to(level, file);
}

function to(level: LogLevel, dest: number | string): Log {
  const formatters = { level: (label: string) => ({ level: label }) };
  const options = { level, base: null, timestamp: pino.stdTimeFunctions.isoTime, formatters };
  return wrap(pino(options, pino.destination({ dest, sync: true, mode: 0o600 })));
}

function wrap(logger: pino.Logger): Log {
  return {
    debug: (message, fields = {}) => logger.debug(fields, message),
    info: (message, fields = {}) => logger.info(fields, message),
    warn: (message, fields = {}) => logger.warn(fields, message),
    error: (message, fields = {}) => logger.error(fields, message),
    with: (fields) => wrap(logger.child(fields)),
  };
}
