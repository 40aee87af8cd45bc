import type { Resource } from "../../model/resource.ts";
import { type Analyzer, type Finding, forEach, report } from "../finding.ts";

const type = "CustomResourceDefinition.apiextensions.k8s.io";

interface Definition {
  readonly group?: string;
  readonly names?: { readonly kind?: string };
  readonly versions?: readonly { readonly name?: string; readonly served?: boolean }[];
}

const stable = ["Gateway", "GatewayClass", "HTTPRoute", "GRPCRoute"];

/** Definitions of Gateway API that are older than what is read. */
export const definitions: Analyzer = {
  name: "k8sgateway.CRDVersionAnalyzer",
  description: "Checks Gateway API CRDs are at the minimum version required by this Istio version",
  inputs: [type],
  codes: ["IST0156", "IST0172", "IST0176"],
  step: forEach<Definition>("definitions", type, (_scope, crd) => [...ofVersions(crd), ...ofBundle(crd)]),
};

/** Istio asks for v1beta1 of those that had it; whoever serves v1 has what it needs. */
function ofVersions(crd: Resource<Definition>): readonly Finding[] {
  const { group, names, versions = [] } = crd.spec;
  if (group !== "gateway.networking.k8s.io" || !stable.includes(names?.kind ?? "")) return [];
  const served = versions.flatMap((version) => (version.served ? [version.name ?? ""] : [])).sort();
  if (served.includes("v1")) return [];
  const place = { path: ["spec", "versions"], fix: "install the definitions of a newer Gateway API" };
  const has = served.join(",") || "none";
  return served.includes("v1beta1")
    ? [report(crd, "IST0172", [has, "v1"], place)]
    : [report(crd, "IST0156", [has, "v1beta1"], place)];
}

/** Source: istio/istio, pkg/config/schema/gatewayapi. */
const least: Readonly<Record<string, readonly [number, number]>> = {
  "grpcroutes.gateway.networking.k8s.io": [1, 1],
  "backendtlspolicies.gateway.networking.k8s.io": [1, 4],
  "tlsroutes.gateway.networking.k8s.io": [1, 5],
};

function ofBundle(crd: Resource): readonly Finding[] {
  const said = crd.annotations["gateway.networking.k8s.io/bundle-version"] ?? "";
  const [, major, minor] = /^v?(\d+)\.(\d+)\./.exec(said) ?? [];
  const wanted = least[crd.name];
  if (wanted === undefined || major === undefined || minor === undefined) return [];
  if (Number(major) > wanted[0] || (Number(major) === wanted[0] && Number(minor) >= wanted[1])) return [];
  const args = [crd.name, said.replace(/^v/, ""), `${wanted.join(".")}.0`];
  const place = { path: ["metadata", "annotations"], fix: "install the definitions of a newer Gateway API" };
  return [report(crd, "IST0176", args, place)];
}
