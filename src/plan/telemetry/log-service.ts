import type { ExtensionProvider, MeshConfigSpec } from "../../gen/istio/mesh-config.ts";
import type { Scope } from "../../track/scope.ts";
import { textFormat } from "./access-log-format.ts";
import { formatFault } from "./log-commands.ts";
import { type Collector, collector, hostsOf } from "./tracer.ts";

/** A service of the mesh that takes access logs over gRPC. */
export interface LogServicePlan extends Collector {
  /**
   * What each entry is: a request, a connection, a record of OpenTelemetry; `both`: a request or a connection, whichever it was
   * (`enableEnvoyAccessLogService`).
   */
  readonly takes: "requests" | "connections" | "records" | "both";
  /** What the log is called; absent: Istio's name. */
  readonly logName?: string;
  /** Names of filter state that goes along. */
  readonly state: readonly string[];
  readonly requestHeaders: readonly string[];
  readonly responseHeaders: readonly string[];
  readonly responseTrailers: readonly string[];
  /** Of a record of OpenTelemetry: its body, and its attributes. */
  readonly body?: string;
  readonly attributes?: Readonly<Record<string, string>>;
}

const nothing = { state: [], requestHeaders: [], responseHeaders: [], responseTrailers: [] } as const;

/** A provider of MeshConfig that takes access logs; undefined for another, and for one whose service the proxy cannot call. */
export function logServiceOf(
  scope: Scope,
  viewer: string,
  { envoyHttpAls: http, envoyTcpAls: tcp, envoyOtelAls: otel }: ExtensionProvider,
): LogServicePlan | undefined {
  const said = http ?? tcp ?? otel;
  const found = said && collector(scope, viewer, said.service ?? "", said.port ?? 0);
  if (found === undefined) return undefined;
  const named = said?.logName ? { logName: said.logName } : {};
  if (http !== undefined)
    return {
      ...{ ...found, ...named, takes: "requests" },
      state: http.filterStateObjectsToLog ?? [],
      requestHeaders: http.additionalRequestHeadersToLog ?? [],
      responseHeaders: http.additionalResponseHeadersToLog ?? [],
      responseTrailers: http.additionalResponseTrailersToLog ?? [],
    };
  if (tcp !== undefined)
    return { ...found, ...named, ...nothing, takes: "connections", state: tcp.filterStateObjectsToLog ?? [] };
  const labels = Object.entries((otel?.logFormat?.labels ?? {}) as Readonly<Record<string, unknown>>)
    .filter((label): label is [string, string] => typeof label[1] === "string" && formatFault(label[1]) === undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1));
  return {
    ...{ ...found, ...named, ...nothing, takes: "records" },
    body: bodyOf(otel?.logFormat?.text),
    ...(labels.length === 0 ? {} : { attributes: Object.fromEntries(labels) }),
  };
}

/** Unlike a line of a file it needs no newline. */
function bodyOf(said: string | undefined): string {
  return said && formatFault(said) === undefined ? said : textFormat(undefined);
}

/** What `enableEnvoyAccessLogService` sends to. */
export function meshLogService(scope: Scope, viewer: string, raw: MeshConfigSpec): LogServicePlan | undefined {
  if (raw.enableEnvoyAccessLogService !== true) return undefined;
  const [, service, port] = /^(.+):(\d+)$/.exec(addressOf(raw)) ?? [];
  const found = service === undefined ? undefined : collector(scope, viewer, service, Number(port));
  return found && { ...found, ...nothing, takes: "both" };
}

function addressOf({ defaultConfig }: MeshConfigSpec): string {
  return String(defaultConfig?.envoyAccessLogService?.address ?? "");
}

/** Hosts that access logs are sent to, wherever they are asked to: a proxy must have their clusters before it sends. */
export function logServiceHosts(raw: MeshConfigSpec): readonly string[] {
  const services = (raw.extensionProviders ?? []).flatMap(({ envoyHttpAls, envoyTcpAls, envoyOtelAls }) => {
    const said = envoyHttpAls ?? envoyTcpAls ?? envoyOtelAls;
    return said?.service === undefined ? [] : [said.service];
  });
  const address = raw.enableEnvoyAccessLogService === true ? addressOf(raw).replace(/:\d+$/, "") : "";
  return [...services, ...(address === "" ? [] : [address])].flatMap(hostsOf);
}
