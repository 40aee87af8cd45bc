import { load } from "js-yaml";
import type { ProxyConfig } from "../../gen/istio/mesh-config.ts";
import type { Step } from "../../track/scope.ts";
import { mesh } from "../mesh.ts";

/** Annotation of a Pod template with settings of its proxy, as YAML. */
export const proxyConfigAnnotation = "proxy.istio.io/config";

/**
 * Settings of a proxy: the mesh's `defaultConfig`, and above it what its Pod's annotation says. Key: the annotation's text, empty for none.
 * What the annotation says is not checked: readers take nothing for granted.
 */
export const proxyConfigOf: Step<ProxyConfig> = {
  name: "plan/proxyConfig",
  run: (scope, annotation) => mergedProxyConfig(scope.ask(mesh, "").raw.defaultConfig ?? {}, annotation),
};

/** Field by field the annotation's counts; `proxyMetadata`, and some of `proxyHeaders`, key by key. Source: istio pkg/config/mesh. */
export function mergedProxyConfig(defaults: ProxyConfig, annotation: string): ProxyConfig {
  const own = parsed(annotation);
  const headers = { ...inherited(defaults.proxyHeaders), ...own.proxyHeaders };
  return {
    ...defaults,
    ...own,
    ...(own.proxyMetadata ? { proxyMetadata: { ...defaults.proxyMetadata, ...own.proxyMetadata } } : {}),
    ...(own.proxyHeaders ? { proxyHeaders: headers } : {}),
  };
}

function inherited({
  attemptCount,
  envoyDebugHeaders,
  forwardedClientCert,
  requestId,
  server,
}: ProxyConfig["proxyHeaders"] & object = {}): ProxyConfig["proxyHeaders"] & object {
  const all = { attemptCount, envoyDebugHeaders, forwardedClientCert, requestId, server };
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined));
}

/** Whoever judges annotations tells what is wrong with it; here it says nothing then. */
function parsed(text: string): ProxyConfig {
  try {
    const value = text === "" ? undefined : load(text);
    return typeof value === "object" && value !== null && !Array.isArray(value) ? value : {};
  } catch {
    return {};
  }
}
