import type { Resource } from "../../model/resource.ts";
import { types } from "../../model/types.ts";
import { listAll, type Scope } from "../../track/scope.ts";
import { type Analyzer, forAll, report } from "../finding.ts";
import type { PodSpec } from "../workloads.ts";

/** Pods whose proxy is not of the image that Istio's injector would give them now. */
export const proxyImages: Analyzer = {
  name: "injection.ImageAnalyzer",
  description: "Checks the image of auto-injection configured with the running proxies on pods",
  inputs: [types.Namespace, types.Pod, types.ConfigMap],
  codes: ["IST0158"],
  step: forAll("proxyImages", (scope) =>
    listAll(scope, types.Namespace).flatMap((namespace) => {
      const image = imageFor(scope, namespace);
      if (image === undefined) return [];
      const others = scope
        .list<PodSpec>(types.Pod, namespace.name)
        .filter(({ annotations }) => (annotations["sidecar.istio.io/proxyImage"] ?? "") === "")
        .filter(({ spec }) => (spec.containers ?? []).some((c) => c.name === "istio-proxy" && c.image !== image))
        .map(({ name }) => name);
      if (others.length === 0) return [];
      const fix = `start them again: new ones have ${image}`;
      return [report(namespace, "IST0158", [others], { path: ["metadata", "name"], fix })];
    }),
  ),
};

/** The image that Pods of a namespace are given; undefined where none of Istio's injectors is for it. */
function imageFor(scope: Scope, { labels }: Resource): string | undefined {
  const revision = labels["istio.io/rev"] ?? (labels["istio-injection"] === "enabled" ? "default" : undefined);
  if (revision === undefined) return undefined;
  const name = revision === "default" ? "istio-sidecar-injector" : `istio-sidecar-injector-${revision}`;
  const found = scope
    .namespaces(types.ConfigMap)
    .map((namespace) => scope.get({ type: types.ConfigMap, namespace, name }))
    .find((config) => config !== undefined);
  const values = (found?.data?.["data"] as Readonly<Record<string, unknown>> | undefined)?.["values"];
  return typeof values === "string" ? imageIn(values) : undefined;
}

function imageIn(values: string): string | undefined {
  try {
    const parsed = JSON.parse(values) as {
      readonly global?: { readonly hub?: string; readonly tag?: string; readonly proxy?: { readonly image?: string } };
    } | null;
    const { hub, tag, proxy } = parsed?.global ?? {};
    if (proxy?.image === undefined) return undefined;
    return proxy.image.includes("/") ? proxy.image : `${hub}/${proxy.image}:${tag}`;
  } catch {
    return undefined;
  }
}
