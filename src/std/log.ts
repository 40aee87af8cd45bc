/** Structured log. Fields never hold keys, tokens or certificates' private parts. */
export interface Log {
  debug(message: string, fields?: Record<string, unknown>): void;
  info(message: string, fields?: Record<string, unknown>): void;
  warn(message: string, fields?: Record<string, unknown>): void;
  error(message: string, fields?: Record<string, unknown>): void;
  /** The same log, with fields that every line of it carries. */
  with(fields: Record<string, unknown>): Log;
}
