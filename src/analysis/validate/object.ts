import { crdOf, type Schema, schemaOf } from "../../gen/crds.ts";
import { codes } from "../../model/codes.ts";
import type { Diagnostic } from "../../model/diagnostic.ts";
import { kindOf, type Resource } from "../../model/resource.ts";
import { types } from "../../model/types.ts";
import { withoutNulls } from "../../std/plain.ts";
import { checkCore } from "./core.ts";
import { Findings } from "./finding.ts";
import { checkAuthorizationPolicy } from "./istio/authorization-policy.ts";
import { checkDestinationRule } from "./istio/destination-rule.ts";
import { checkEnvoyFilter } from "./istio/envoy-filter.ts";
import { checkPatchValues } from "./istio/envoy-filter-value.ts";
import { checkGateway } from "./istio/gateway.ts";
import { checkPeerAuthentication } from "./istio/peer-authentication.ts";
import { checkProxyConfig } from "./istio/proxy-config.ts";
import { checkRequestAuthentication } from "./istio/request-authentication.ts";
import { checkServiceEntry } from "./istio/service-entry.ts";
import { checkSidecar } from "./istio/sidecar.ts";
import { checkTelemetry } from "./istio/telemetry.ts";
import { checkVirtualService } from "./istio/virtual-service.ts";
import { checkTrafficExtension, checkWasmPlugin } from "./istio/wasm.ts";
import { checkWorkloadEntry } from "./istio/workload-entry.ts";
import { checkWorkloadGroup } from "./istio/workload-group.ts";
import { fillIn, withZeros } from "./schema/defaults.ts";
import { checkStructure } from "./schema/structural.ts";
import { checkCompression } from "./weft/compression.ts";
import { checkFallback } from "./weft/fallback.ts";
import { checkRateLimit } from "./weft/rate-limit.ts";

type Check = (resource: Resource, root: Findings) => void;

/** Istio's own rules, kind by kind, and those of our own kinds. */
const checks: Readonly<Record<string, Check>> = {
  [types.AuthorizationPolicy]: checkAuthorizationPolicy,
  [types.DestinationRule]: checkDestinationRule,
  [types.EnvoyFilter]: checkEnvoyFilter,
  [types.Gateway]: checkGateway,
  [types.PeerAuthentication]: checkPeerAuthentication,
  [types.ProxyConfig]: checkProxyConfig,
  [types.RequestAuthentication]: checkRequestAuthentication,
  [types.ServiceEntry]: checkServiceEntry,
  [types.Sidecar]: checkSidecar,
  [types.Telemetry]: checkTelemetry,
  [types.TrafficExtension]: checkTrafficExtension,
  [types.VirtualService]: checkVirtualService,
  [types.WasmPlugin]: checkWasmPlugin,
  [types.WorkloadEntry]: checkWorkloadEntry,
  [types.WorkloadGroup]: checkWorkloadGroup,
  [types.RateLimit]: checkRateLimit,
  [types.Fallback]: checkFallback,
  [types.Compression]: checkCompression,
};

/**
 * Judges one object by itself: its kind's schema with CEL rules as an API server does, then Istio's rules as its webhook does.
 * Pure. Diagnostics carry paths; whoever holds the origin adds positions. `resource.spec` may be as written (with nulls, or missing).
 */
export function validateObject(resource: Resource): readonly Diagnostic[] {
  const root = new Findings();
  checkSchema(resource, root);
  if (hasError(root)) return root.diagnostics;
  checkIstio(resource, root);
  checkCore({ ...resource, spec: withoutNulls(resource.spec) ?? {} }, root);
  return root.diagnostics;
}

/**
 * Istio's own rules alone, as `istioctl analyze` and `istioctl validate` apply them: what the schema demands beyond them is left out, and a missing field
 * is told in Istio's words. An object that Istio could not decode (wrong types, unknown fields) has the schema's findings instead.
 */
export function validateAsIstio(resource: Resource): readonly Diagnostic[] {
  if (!isIstio(resource)) return [];
  const schema = new Findings();
  checkSchema(resource, schema);
  const undecodable = schema.diagnostics.filter((d) => d.code === codes.wrongType || d.code === codes.unknownField);
  if (undecodable.length > 0) return undecodable;
  const root = new Findings();
  const plain = { ...resource, spec: withZeros(withoutNulls(resource.spec) ?? {}, specSchema(resource)) };
  checkIstio(plain, root);
  if (resource.type === types.EnvoyFilter) checkPatchValues(plain, root);
  return root.diagnostics;
}

function specSchema({ type, apiVersion }: Resource): Schema {
  return schemaOf(type, apiVersion.slice(apiVersion.lastIndexOf("/") + 1))?.properties?.["spec"] ?? {};
}

function checkIstio(resource: Resource, root: Findings): void {
  // No spec at all breaks no schema: its required fields are then empty, as Istio reads them.
  const plain = { ...resource, spec: withoutNulls(resource.spec) ?? withZeros({}, specSchema(resource)) };
  if (isIstio(resource) && resource.type !== types.AuthorizationPolicy) checkNoDryRun(resource, root);
  checks[resource.type]?.(plain, root);
}

function hasError(root: Findings): boolean {
  return root.diagnostics.some((d) => d.level === "Error");
}

function isIstio({ type }: Resource): boolean {
  return type.endsWith(".istio.io");
}

function checkSchema(resource: Resource, root: Findings): void {
  const crd = crdOf(resource.type);
  if (crd === undefined) return;
  const version = resource.apiVersion.slice(resource.apiVersion.lastIndexOf("/") + 1);
  const schema = schemaOf(resource.type, version);
  const kind = kindOf(resource.type);
  const group = resource.apiVersion.slice(0, resource.apiVersion.lastIndexOf("/") + 1);
  if (schema === undefined) {
    const served = Object.keys(crd.versions).map((v) => `${group}${v}`);
    root
      .at("apiVersion")
      .error(`there is no version ${version} of ${kind}`, `write ${served.join(" or ")}`, codes.unknownVersion);
    return;
  }
  const { spec, data } = resource;
  const metadata = { name: resource.name, ...(resource.namespace === "" ? {} : { namespace: resource.namespace }) };
  const top = schema.properties?.["metadata"] === undefined ? {} : { metadata };
  const whole = { ...top, ...(spec === undefined ? {} : { spec }), ...data };
  checkStructure(fillIn(whole, schema), schema, kind, root);
}

function checkNoDryRun(resource: Resource, root: Findings): void {
  const name = "istio.io/dry-run";
  if (resource.annotations[name] === undefined) return;
  const message = `${resource.namespace}/${resource.name} has unsupported annotation ${name}, please remove the annotation`;
  root.at("metadata", "annotations", name).error(message, "only an AuthorizationPolicy can be tried dry");
}
