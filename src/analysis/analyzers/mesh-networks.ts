import { parse } from "yaml";
import type { Resource } from "../../model/resource.ts";
import { types } from "../../model/types.ts";
import { listAll, type Scope } from "../../track/scope.ts";
import { type Analyzer, type Finding, forAll, report } from "../finding.ts";

interface Networks {
  readonly networks?: Readonly<Record<string, { readonly endpoints?: readonly { readonly fromRegistry?: string }[] }>>;
}

/** Registries that networks take their endpoints from: the clusters that the mesh knows. */
export const meshNetworks: Analyzer = {
  name: "meshnetworks.MeshNetworksAnalyzer",
  description: "Check the validity of MeshNetworks in the cluster",
  inputs: [types.ConfigMap, types.Secret],
  codes: ["IST0126"],
  step: forAll("meshNetworks", (scope) =>
    listAll(scope, types.ConfigMap)
      .filter(({ name }) => name === "istio" || name.startsWith("istio-"))
      .flatMap((config) => ofConfig(scope, config)),
  ),
};

function ofConfig(scope: Scope, config: Resource): readonly Finding[] {
  const text = (config.data?.["data"] as Readonly<Record<string, unknown>> | undefined)?.["meshNetworks"];
  if (typeof text !== "string") return [];
  const known = ["Mock", "Kubernetes", "External", ...remotes(scope)];
  return Object.entries(networksIn(text)).flatMap(([network, { endpoints = [] }]) =>
    endpoints.flatMap(({ fromRegistry }) => {
      if (fromRegistry === undefined || known.includes(fromRegistry)) return [];
      const place = { path: ["data", "meshNetworks"], fix: `there are ${known.slice(1).join(", ")}` };
      return [report(config, "IST0126", [fromRegistry, network], place)];
    }),
  );
}

function networksIn(text: string): NonNullable<Networks["networks"]> {
  try {
    return (parse(text) as Networks | null)?.networks ?? {};
  } catch {
    return {};
  }
}

/** Clusters whose credentials are in Secrets that say so. */
function remotes(scope: Scope): readonly string[] {
  return listAll(scope, types.Secret)
    .filter(({ labels }) => labels["istio/multiCluster"] === "true")
    .flatMap(({ data = {} }) => [data["data"], data["stringData"]].flatMap((keys) => Object.keys(keys ?? {})));
}
