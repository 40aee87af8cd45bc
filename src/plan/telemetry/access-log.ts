import type { ExtensionProvider, MeshConfigSpec } from "../../gen/istio/mesh-config.ts";
import type { AccessLogging } from "../../gen/istio/telemetry.ts";
import type { Step } from "../../track/scope.ts";
import { mesh } from "../mesh.ts";
import { jsonFormat, textFormat } from "./access-log-format.ts";
import { learnProvider } from "./learn.ts";
import { type LogServicePlan, logServiceOf, meshLogService } from "./log-service.ts";
import { type Telemetered, telemetryOf } from "./rules.ts";

/** What a proxy writes of each request and connection, on the way out and on the way in; absent: nothing. */
export interface AccessLogPlans {
  readonly client?: readonly AccessLogPlan[];
  readonly server?: readonly AccessLogPlan[];
  /** Connections that fit no port at all are left out. */
  readonly strangersUnsaid?: true;
}

/** One log: a file, or a service that takes it. */
export type AccessLogPlan = (FileLogPlan | { readonly service: LogServicePlan }) & {
  /** CEL: only what it holds for. */
  readonly only?: string;
};

export interface FileLogPlan {
  readonly path: string;
  /** A line with commands of the proxy's own (`%START_TIME%`), ended by a newline; or an object of such texts, written as JSON. */
  readonly format: { readonly text: string } | { readonly json: Readonly<Record<string, unknown>> };
  readonly omitsEmpty: boolean;
}

/** The part of a proxy that its logs depend on. JSON of it is the key of `accessLogs`. */
export interface AccessLogsKey extends Telemetered {
  /** `viewerOf`: whom it may send to. */
  readonly viewer: string;
}

type Mode = "CLIENT" | "SERVER";

/** Key: JSON of `AccessLogsKey`. */
export const accessLogs: Step<AccessLogPlans> = {
  name: "plan/accessLogs",
  run: (scope, key) => {
    const { raw } = scope.ask(mesh, "");
    const proxy = JSON.parse(key) as AccessLogsKey;
    const find: Find = {
      provider: (provider) => logServiceOf(scope, proxy.viewer, provider),
      mesh: () => meshLogService(scope, proxy.viewer, raw),
    };
    const said = telemetryOf(scope, proxy)
      .map(({ accessLogging = [] }) => accessLogging.filter((rule) => !isToLearn(rule)))
      .filter((rules) => rules.length > 0);
    const of = (mode: Mode) => plansOf(raw, said, mode, find);
    const [client, server] = [of("CLIENT"), of("SERVER")];
    return {
      ...(client.length === 0 ? {} : { client }),
      ...(server.length === 0 ? {} : { server }),
      ...(raw.disableEnvoyListenerLog === true && client.length + server.length > 0
        ? { strangersUnsaid: true as const }
        : {}),
    };
  },
};

/** Services that take logs, as far as the proxy can call them. */
interface Find {
  readonly provider: (provider: ExtensionProvider) => LogServicePlan | undefined;
  readonly mesh: () => LogServicePlan | undefined;
}

/** Where neither a Telemetry nor a default provider speaks of a log that there is, what `accessLogFile` and `enableEnvoyAccessLogService` say. */
function plansOf(
  raw: MeshConfigSpec,
  said: readonly (readonly AccessLogging[])[],
  mode: Mode,
  find: Find,
): readonly AccessLogPlan[] {
  const known = [...merged(said, mode, raw.defaultProviders?.accessLogging ?? [])]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .flatMap(([name, rule]) => {
      const plan = planOf(raw, name, find);
      return plan === undefined ? [] : [{ plan, rule }];
    });
  if (known.length === 0) {
    const service = find.mesh();
    return [
      ...(raw.accessLogFile ? [ofMesh(raw, raw.accessLogFile)] : []),
      ...(service === undefined ? [] : [{ service }]),
    ];
  }
  return known
    .filter(({ rule }) => rule.disabled !== true)
    .map(({ plan, rule }) => ({ ...plan, ...(rule.filter?.expression ? { only: rule.filter.expression } : {}) }));
}

/**
 * The rule of each provider. A rule that names none is about those that the rule before it named; of several said the last that names
 * providers decides which there are. A rule's filter is that of the last rule that names the provider, as in Istio.
 */
function merged(
  said: readonly (readonly AccessLogging[])[],
  mode: Mode,
  fallback: readonly string[],
): ReadonlyMap<string, AccessLogging> {
  if (said.length === 0) return new Map(fallback.map((name) => [name, {}]));
  const namedBy = (rules: readonly AccessLogging[]) => rules.filter((r) => counts(r, mode)).flatMap(names);
  const present = new Set(said.map(namedBy).findLast((named) => named.length > 0) ?? fallback);
  const filters = new Map(
    said.flatMap((rules) => rules.filter((r) => counts(r, mode)).flatMap((r) => names(r).map((n) => [n, r] as const))),
  );
  const found = new Map<string, AccessLogging>();
  let before = fallback;
  for (const rule of said.flat()) {
    before = names(rule).length > 0 ? names(rule) : before;
    for (const name of before.filter((n) => present.has(n) && counts(rule, mode)))
      found.set(name, rule.disabled === true ? { disabled: true } : withFilter(filters.get(name)));
  }
  return found;
}

/** Rules of a provider that writes nothing anywhere. */
function isToLearn(rule: AccessLogging): boolean {
  return names(rule).length > 0 && names(rule).every((name) => name === learnProvider);
}

function withFilter(rule: AccessLogging | undefined): AccessLogging {
  return rule?.filter === undefined ? {} : { filter: rule.filter };
}

function counts({ match }: AccessLogging, mode: Mode): boolean {
  const said = match?.mode ?? "CLIENT_AND_SERVER";
  return said === "CLIENT_AND_SERVER" || said === mode;
}

function names({ providers }: AccessLogging): readonly string[] {
  return (providers ?? []).map(({ name }) => name);
}

/** What `accessLogFile`, `accessLogFormat` and `accessLogEncoding` say. */
function ofMesh({ accessLogFormat, accessLogEncoding }: MeshConfigSpec, path: string): FileLogPlan {
  const format =
    accessLogEncoding === "JSON" ? { json: jsonFormat(accessLogFormat) } : { text: textFormat(accessLogFormat) };
  return { path, format, omitsEmpty: false };
}

const stdout = "/dev/stdout";

/** A provider that writes a file, or sends to a service. `envoy` is one that every mesh has, and writes as MeshConfig says unless it says more itself. */
function planOf(raw: MeshConfigSpec, name: string, find: Find): AccessLogPlan | undefined {
  const provider = raw.extensionProviders?.find((p) => p.name?.toLowerCase() === name.toLowerCase()) ?? builtin(name);
  const file = provider?.envoyFileAccessLog;
  if (file === undefined) {
    const service = provider && find.provider(provider);
    return service && { service };
  }
  const { path, logFormat, omitEmptyValues } = file;
  if (name === "envoy" && logFormat === undefined && omitEmptyValues !== true) return ofMesh(raw, path || stdout);
  const labels = logFormat?.labels;
  return {
    path: path || stdout,
    format: labels === undefined ? { text: textFormat(logFormat?.text) } : { json: jsonFormat(JSON.stringify(labels)) },
    omitsEmpty: omitEmptyValues === true,
  };
}

function builtin(name: string): ExtensionProvider | undefined {
  return name === "envoy" ? { name, envoyFileAccessLog: { path: stdout } } : undefined;
}
