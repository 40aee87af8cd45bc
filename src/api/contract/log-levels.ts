/**
 * `GET /api/v1/proxies/{id}/log-levels`, and the answer to `POST` of the same with `?level=debug[&logger=http]`: how much an Envoy's loggers write. What is
 * set lasts until that Envoy starts again.
 */
export interface LogLevels {
  readonly proxy: string;
  readonly loggers: readonly { readonly name: string; readonly level: LogLevel }[];
  /** What a proxy is started with. */
  readonly usual: LogLevel;
}

export type LogLevel = "trace" | "debug" | "info" | "warning" | "error" | "critical" | "off";
