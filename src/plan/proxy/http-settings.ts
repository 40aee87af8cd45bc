import type { ConnectionSettings, MeshConfigSpec, ProxyConfig } from "../../gen/istio/mesh-config.ts";
import type { Step } from "../../track/scope.ts";
import { durationMs, mesh } from "../mesh.ts";
import { proxyConfigOf } from "./proxy-config.ts";

/** What becomes of `x-forwarded-client-cert`. */
export type ClientCertMode = "SANITIZE" | "FORWARD_ONLY" | "APPEND_FORWARD" | "SANITIZE_SET" | "ALWAYS_FORWARD_ONLY";

type EscapedSlashes = "KEEP_UNCHANGED" | "REJECT_REQUEST" | "UNESCAPE_AND_REDIRECT" | "UNESCAPE_AND_FORWARD";

/** How a proxy reads and changes HTTP, as far as somebody said so; the rest is in http-defaults.ts. Times in milliseconds. */
export interface HttpSettings {
  /** Text of the header `server` in answers; `false` leaves what the application says. */
  readonly server?: string | false;
  readonly requestId?: false;
  readonly attemptCount?: false;
  readonly debugHeaders?: false;
  readonly forwardedHost?: true;
  readonly forwardedPort?: true;
  readonly preserveCase?: true;
  /** At a workload. */
  readonly clientCert?: ClientCertMode;
  /** Parts of the certificate in that header that are not Istio's choice. */
  readonly clientCertDetails?: Readonly<Record<string, boolean>>;
  readonly normalizePath?: false;
  readonly mergeSlashes?: boolean;
  readonly escapedSlashes?: EscapedSlashes;
  readonly underscores?: "ALLOW" | "REJECT_REQUEST" | "DROP_HEADER";
  readonly idleMs?: number;
  readonly maxConnectionMs?: number;
  readonly maxStreamMs?: number;
  readonly streamIdleMs?: number;
  readonly requestMs?: number;
  readonly requestHeadersMs?: number;
  readonly drainMs?: number;
  /** How long a client may take no byte of an answer that is complete. */
  readonly flushMs?: number;
  readonly maxStreams?: number;
  readonly streamWindow?: number;
  readonly connectionWindow?: number;
  /** Bytes that a gateway's connection may have waiting. */
  readonly bufferBytes?: number;
  /** How long bytes are waited for that tell a protocol; 0 is for ever. */
  readonly detectionMs?: number;
}

/** The part of a proxy that its settings depend on. JSON of it is the key of `httpSettings`. */
export interface HttpSettingsKey {
  readonly kind: "sidecar" | "router";
  /** Text of the Pod's annotation `proxy.istio.io/config`; empty for none. */
  readonly annotation: string;
}

/** Key: JSON of `HttpSettingsKey`. */
export const httpSettings: Step<HttpSettings> = {
  name: "plan/httpSettings",
  run: (scope, key) => {
    const { kind, annotation } = JSON.parse(key) as HttpSettingsKey;
    const { raw } = scope.ask(mesh, "");
    const config = scope.ask(proxyConfigOf, annotation);
    const detectionMs = ms(raw.protocolDetectionTimeout);
    return said({
      ...pathSettings(raw),
      ...headerSettings(config.proxyHeaders ?? {}),
      ...connectionSettings(config.connectionSettings ?? {}, kind === "router"),
      detectionMs,
    });
  },
};

const kept: HttpSettings = { mergeSlashes: false, escapedSlashes: "KEEP_UNCHANGED" };

const paths: Readonly<Record<string, HttpSettings>> = {
  NONE: { ...kept, normalizePath: false },
  BASE: kept,
  MERGE_SLASHES: { ...kept, mergeSlashes: true },
  DECODE_AND_MERGE_SLASHES: { mergeSlashes: true, escapedSlashes: "UNESCAPE_AND_FORWARD" },
};

function pathSettings({ pathNormalization }: MeshConfigSpec): HttpSettings {
  return paths[pathNormalization?.normalization ?? ""] ?? {};
}

type Unsaid = { readonly [Name in keyof HttpSettings]: HttpSettings[Name] | undefined };

function headerSettings(headers: ProxyConfig["proxyHeaders"] & object): Unsaid {
  const { server, setCurrentClientCertDetails: details } = headers;
  const name = typeof server?.value === "string" && server.value !== "" ? server.value : undefined;
  const parts = Object.entries(details ?? {}).filter(([, value]) => typeof value === "boolean");
  return {
    server: server?.disabled === true ? false : name,
    requestId: off(headers.requestId?.disabled),
    attemptCount: off(headers.attemptCount?.disabled),
    debugHeaders: off(headers.envoyDebugHeaders?.disabled),
    forwardedHost: on(headers.xForwardedHost?.enabled),
    forwardedPort: on(headers.xForwardedPort?.enabled),
    preserveCase: on(headers.preserveHttp1HeaderCase),
    clientCert: clientCertMode(headers.forwardedClientCert),
    clientCertDetails: parts.length === 0 ? undefined : Object.fromEntries(parts),
  };
}

/** What Envoy's makers advise for proxies that the world may call; for gateways alone. Source: Istio's EDGE profile. */
const edge: ConnectionSettings = {
  listenerPerConnectionBufferLimitBytes: 32_768,
  httpIdleTimeout: "1h",
  httpStreamIdleTimeout: "300s",
  httpRequestTimeout: "300s",
  httpRequestHeadersTimeout: "60s",
  httpMaxConcurrentStreams: 100,
  http2InitialStreamWindowSize: 65_536,
  http2InitialConnectionWindowSize: 1_048_576,
  httpHeadersWithUnderscoresAction: "HEADERS_WITH_UNDERSCORES_REJECT_REQUEST",
  httpMergeSlashes: true,
  httpPathWithEscapedSlashesAction: "UNESCAPE_AND_REDIRECT",
};

const underscores: Readonly<Record<string, NonNullable<HttpSettings["underscores"]>>> = {
  HEADERS_WITH_UNDERSCORES_ALLOW: "ALLOW",
  HEADERS_WITH_UNDERSCORES_REJECT_REQUEST: "REJECT_REQUEST",
  HEADERS_WITH_UNDERSCORES_DROP_HEADER: "DROP_HEADER",
};

const escapedSlashes: ReadonlySet<unknown> = new Set<EscapedSlashes>([
  "KEEP_UNCHANGED",
  "REJECT_REQUEST",
  "UNESCAPE_AND_REDIRECT",
  "UNESCAPE_AND_FORWARD",
]);

function connectionSettings(own: ConnectionSettings, gateway: boolean): Unsaid {
  const all = gateway && own.profile === "EDGE" ? { ...edge, ...own } : own;
  const slashes = all.httpPathWithEscapedSlashesAction;
  return said({
    bufferBytes: gateway ? count(all.listenerPerConnectionBufferLimitBytes) : undefined,
    idleMs: ms(all.httpIdleTimeout),
    maxConnectionMs: ms(all.httpMaxConnectionDuration),
    maxStreamMs: ms(all.httpMaxStreamDuration),
    streamIdleMs: ms(all.httpStreamIdleTimeout),
    requestMs: ms(all.httpRequestTimeout),
    requestHeadersMs: ms(all.httpRequestHeadersTimeout),
    drainMs: ms(all.httpDrainTimeout),
    maxStreams: count(all.httpMaxConcurrentStreams),
    streamWindow: count(all.http2InitialStreamWindowSize),
    connectionWindow: count(all.http2InitialConnectionWindowSize),
    underscores: underscores[String(all.httpHeadersWithUnderscoresAction)],
    mergeSlashes: typeof all.httpMergeSlashes === "boolean" ? all.httpMergeSlashes : undefined,
    escapedSlashes: escapedSlashes.has(slashes) ? (slashes as EscapedSlashes) : undefined,
  });
}

const modes: ReadonlySet<unknown> = new Set<ClientCertMode>([
  "SANITIZE",
  "FORWARD_ONLY",
  "APPEND_FORWARD",
  "SANITIZE_SET",
  "ALWAYS_FORWARD_ONLY",
]);

/** A mode that is one; undefined for `UNDEFINED` and what nobody knows. */
export function clientCertMode(value: unknown): ClientCertMode | undefined {
  return modes.has(value) ? (value as ClientCertMode) : undefined;
}

const on = (value: unknown): true | undefined => (value === true ? true : undefined);
const off = (disabled: unknown): false | undefined => (disabled === true ? false : undefined);
const ms = (text: unknown): number | undefined => (typeof text === "string" ? durationMs(text) : undefined);
const count = (value: unknown): number | undefined =>
  typeof value === "number" && Number.isInteger(value) && value >= 0 ? value : undefined;

/** Without what nobody said. */
function said(all: Unsaid): HttpSettings {
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined));
}
