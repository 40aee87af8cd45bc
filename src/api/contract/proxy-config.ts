/** The last part of `GET /api/v1/proxies/{id}/config/{type}[?source=envoy]`. */
export type ConfigType = "cluster" | "listener" | "route" | "endpoint" | "secret" | "ecds" | "bootstrap" | "scope";

/** What a proxy was sent, or (`source=envoy`) what its Envoy says it has. Private keys are replaced by `[redacted]`. */
export interface ProxyConfigDump {
  readonly proxy: string;
  readonly type: ConfigType;
  readonly source: "sent" | "envoy";
  readonly resources: readonly ConfigDumpResource[];
}

export interface ConfigDumpResource {
  readonly name: string;
  /** Empty where Envoy does not say. */
  readonly version: string;
  /** What it was made of: `reviews.yaml:14:1`. */
  readonly origins: readonly string[];
  /** Envoy's own words, when it refused this version. */
  readonly error?: string;
  /** The resource in protobuf's JSON form. */
  readonly resource: unknown;
}
