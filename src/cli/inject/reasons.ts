import type { LabelSelector } from "../../inject/selector.ts";
import { selects } from "../../inject/selector.ts";
import type { WebhookConfiguration } from "../kube/webhooks.ts";

type Labels = Readonly<Record<string, string>>;

/** What one webhook configuration would do with a Pod, and why. */
export interface WebhookVerdict {
  readonly webhook: string;
  readonly revision: string;
  readonly injected: boolean;
  readonly reason: string;
}

/** The verdict of each injection webhook on a Pod with these labels in a namespace with those. */
export function webhookVerdicts(
  all: readonly WebhookConfiguration[],
  namespace: Labels,
  pod: Labels,
): readonly WebhookVerdict[] {
  return all
    .filter(({ kind }) => kind === "MutatingWebhookConfiguration")
    .map(({ metadata, webhooks = [] }) => {
      const taking = webhooks.find((one) => takes(one.namespaceSelector, namespace) && takes(one.objectSelector, pod));
      const revision = metadata.labels?.["istio.io/rev"] ?? "default";
      const tag = metadata.labels?.["istio.io/tag"];
      return {
        webhook: metadata.name,
        revision: tag === undefined ? revision : `${revision} (tag ${tag})`,
        injected: taking !== undefined,
        reason: taking === undefined ? whyNot(namespace, pod, tag ?? revision) : whyTaken(namespace, pod),
      };
    });
}

/** As the API server reads a selector: an empty one takes everything. */
function takes(selector: LabelSelector | undefined, labels: Labels): boolean {
  const { matchLabels = {}, matchExpressions = [] } = selector ?? {};
  if (Object.keys(matchLabels).length === 0 && matchExpressions.length === 0) return true;
  return selects({ matchLabels, matchExpressions }, labels);
}

const labelNames = ["istio-injection", "istio.io/rev"] as const;

function whyTaken(namespace: Labels, pod: Labels): string {
  const ofNamespace = labelNames.find((name) => namespace[name] !== undefined);
  if (ofNamespace !== undefined) return `namespace label ${ofNamespace}=${namespace[ofNamespace]}`;
  const ofPod = (["istio.io/rev", "sidecar.istio.io/inject"] as const).find((name) => pod[name] !== undefined);
  return ofPod === undefined ? "its selectors take everything" : `Pod label ${ofPod}=${pod[ofPod]}`;
}

function whyNot(namespace: Labels, pod: Labels, name: string): string {
  if (pod["sidecar.istio.io/inject"] === "false") return "Pod label sidecar.istio.io/inject=false";
  if (namespace["istio-injection"] === "disabled") return "namespace label istio-injection=disabled";
  if (namespace["istio-injection"] !== undefined)
    return `namespace label istio-injection=${namespace["istio-injection"]} asks for the default revision`;
  const revision = namespace["istio.io/rev"] ?? pod["istio.io/rev"];
  if (revision !== undefined)
    return revision === name
      ? "its selectors leave this namespace out"
      : `istio.io/rev=${revision} asks for another revision`;
  return "neither namespace nor Pod asks for injection";
}
