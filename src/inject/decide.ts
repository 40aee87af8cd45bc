import { type Container, containerNamed, initContainer, type Pod, proxyContainer } from "./pod.ts";
import { selects } from "./selector.ts";
import type { InjectionSettings } from "./settings.ts";

/** What becomes of a Pod. `left` and `refused` say why, in a sentence about the Pod. */
export type Decision =
  | { readonly inject: "sidecar" | "gateway" }
  | { readonly left: string }
  | { readonly refused: string };

export interface DecisionContext {
  readonly settings: InjectionSettings;
  /** Of the Pod. */
  readonly namespace: string;
  /** Weft's own. */
  readonly installNamespace: string;
  /** Of the cluster, where it is known. */
  readonly kubernetes?: { readonly major: number; readonly minor: number };
}

/** Namespaces of Kubernetes itself: their Pods must start when nothing else runs. */
export const systemNamespaces: readonly string[] = ["kube-system", "kube-public", "kube-node-lease"];

/**
 * Whether a Pod gets a proxy. That its namespace or its labels ask for this revision was decided by the webhook's selectors (`asks` says the
 * same of labels); this is what they cannot see. Source: injectRequired of istio/istio pkg/kube/inject/inject.go.
 */
export function decide(pod: Pod, context: DecisionContext): Decision {
  const { settings, namespace, installNamespace, kubernetes } = context;
  const { labels = {}, annotations = {} } = pod.metadata ?? {};
  const kind = templateOf(annotations);
  if (pod.spec?.hostNetwork === true)
    return { left: "it is on the network of its node (hostNetwork), where nothing can be captured for it alone" };
  if (systemNamespaces.includes(namespace)) return { left: `Pods of ${namespace} are never injected` };
  if (namespace === installNamespace && (kind !== "gateway" || labels["app"] === "weft"))
    return { left: `${namespace} is the mesh's own namespace: gateways alone are injected there` };
  if (labels["istio.io/dataplane-mode"] === "ambient") return { left: "its label istio.io/dataplane-mode is ambient" };
  const wanted = (labels["sidecar.istio.io/inject"] ?? annotations["sidecar.istio.io/inject"] ?? "").toLowerCase();
  if (wanted !== "" && !["y", "yes", "true", "on"].includes(wanted))
    return { left: `sidecar.istio.io/inject is ${JSON.stringify(wanted)}` };
  if (wanted === "") {
    if (settings.neverInjectSelector.some((s) => selects(s, labels))) return { left: "neverInjectSelector selects it" };
    const always = settings.alwaysInjectSelector.some((s) => selects(s, labels));
    if (!always && settings.policy === "disabled")
      return { left: "the policy is disabled, and it has no label sidecar.istio.io/inject" };
  }
  if (isInjected(pod)) return { left: "it has a proxy already" };
  if (kubernetes !== undefined && kubernetes.major === 1 && kubernetes.minor < 29)
    return {
      refused: `Kubernetes ${kubernetes.major}.${kubernetes.minor} has no native sidecars (init containers that go on running); upgrade to 1.29 or later`,
    };
  return { inject: kind };
}

/** Gateways say so; a Pod that says nothing gets a sidecar. */
function templateOf(annotations: Readonly<Record<string, string>>): "sidecar" | "gateway" {
  const names = (annotations["inject.istio.io/templates"] ?? "").split(",").map((name) => name.trim());
  return names.includes("gateway") ? "gateway" : "sidecar";
}

/** Whether injection made this Pod: by this webhook before, by another revision, or by `weft inject`. */
function isInjected({ metadata, spec }: Pod): boolean {
  const has = (containers: readonly Container[] | undefined) => {
    const found = containerNamed(containers, proxyContainer);
    return found !== undefined && found.image !== "auto";
  };
  return (
    metadata?.annotations?.["sidecar.istio.io/status"] !== undefined &&
    (has(spec?.containers) ||
      has(spec?.initContainers) ||
      containerNamed(spec?.initContainers, initContainer) !== undefined)
  );
}

/** Labels that ask for injection; of the namespace and of the Pod. */
export interface Labels {
  readonly namespace: Readonly<Record<string, string>>;
  readonly pod: Readonly<Record<string, string>>;
}

/**
 * Whether labels ask for a revision's sidecars: what the selectors of Istio's webhooks say. `names` are the revision and its tags; one that
 * has the tag `default` answers to `istio-injection: enabled`, too.
 */
export function asks({ namespace, pod }: Labels, names: readonly string[]): boolean {
  const wanted = pod["sidecar.istio.io/inject"];
  if (wanted === "false") return false;
  const injection = namespace["istio-injection"];
  const revision = namespace["istio.io/rev"];
  const isDefault = names.includes("default");
  if (injection !== undefined) return injection === "enabled" && isDefault;
  if (revision !== undefined) return names.includes(revision);
  const own = pod["istio.io/rev"];
  if (own !== undefined) return names.includes(own);
  return wanted === "true" && isDefault;
}
