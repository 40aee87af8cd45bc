import { pino } from "pino";
import type { Log } from "../std/log.ts";

/** Lines of JSON on a file descriptor (standard error by default): standard output is for data. */
export function jsonLog(level: "debug" | "info" | "warn" | "error", fd = 2): Log {
  return wrap(pino({ level, base: null, timestamp: pino.stdTimeFunctions.isoTime, formatters: { level: (label) => ({ level: label }) } }, pino.destination({ fd, sync: false })));
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
