import type { LabelSelector } from "../../gen/gateway-api/gateway.ts";
import type { Resource } from "../../model/resource.ts";
import type { Labels } from "../../model/sample.ts";
import { types } from "../../model/types.ts";
import { selects } from "../../plan/gateway-api/label-selector.ts";
import { listAll, type Scope } from "../../track/scope.ts";
import { type Analyzer, type Finding, forAll, report } from "../finding.ts";
import type { DeploymentSpec, PodSpec } from "../workloads.ts";

const mutating = "MutatingWebhookConfiguration.admissionregistration.k8s.io";

interface Webhook {
  readonly name?: string;
  readonly namespaceSelector?: LabelSelector;
  readonly objectSelector?: LabelSelector;
  readonly clientConfig?: { readonly service?: { readonly namespace?: string; readonly name?: string } };
}

interface Placed {
  readonly config: Resource;
  readonly index: number;
  readonly webhook: Webhook;
  /** `istio-sidecar-injector/rev.namespace.sidecar-injector.istio.io`. */
  readonly name: string;
}

function webhooksOf(config: Resource): readonly Placed[] {
  const said = config.data?.["webhooks"];
  const all = Array.isArray(said) ? (said as readonly Webhook[]) : [];
  return all.map((webhook, index) => ({ config, index, webhook, name: `${config.name}/${webhook?.name ?? ""}` }));
}

function isInjector({ webhook }: Placed): boolean {
  return /(istio\.io|weft\.dev)$/.test(webhook?.name ?? "");
}

function injectors(scope: Scope): readonly Placed[] {
  return listAll(scope, mutating)
    .map(webhooksOf)
    .filter((all) => all.some((one) => isInjector(one) || revisionsOf(one).length > 0))
    .flat();
}

/** More than one webhook for the same Pod: it would be injected twice. */
export const injectionWebhooks: Analyzer = {
  name: "webhook.Analyzer",
  description: "Checks the validity of Istio webhooks",
  inputs: [mutating, types.Service],
  codes: ["IST0139"],
  step: forAll("injectionWebhooks", (scope) => {
    const all = injectors(scope);
    return [...overlaps(all), ...all.flatMap((one) => withoutService(scope, one))];
  }),
};

function overlaps(all: readonly Placed[]): readonly Finding[] {
  const revisions = [...new Set(all.flatMap(revisionsOf))];
  const found = new Map<string, Finding>();
  for (const namespace of variants("istio-injection", ["enabled", "disabled"], revisions)) {
    for (const object of variants("sidecar.istio.io/inject", ["true", "false"], revisions)) {
      const taken = all.filter(
        ({ webhook }) =>
          selects(webhook.namespaceSelector ?? {}, namespace) && selects(webhook.objectSelector ?? {}, object),
      );
      if (taken.length < 2) continue;
      for (const one of taken) {
        const others = taken.filter((other) => other !== one).map((other) => other.name);
        const words = `Webhook overlaps with others: [${others.sort().join(" ")}]. This may cause injection to occur twice.`;
        const place = { path: ["webhooks", one.index], fix: "make their selectors differ, or take one of them away" };
        found.set(`${one.name}|${words}`, report(one.config, "IST0139", [words], place));
      }
    }
  }
  return [...found.values()];
}

/** Each way in which the labels of a Pod or a namespace may speak of injection. */
function variants(key: string, values: readonly string[], revisions: readonly string[]): readonly Labels[] {
  const plain: readonly Labels[] = [{}, ...values.map((value) => ({ [key]: value }))];
  return [
    ...plain,
    ...revisions.flatMap((revision) => plain.map((labels) => ({ ...labels, "istio.io/rev": revision }))),
  ];
}

function revisionsOf({ config, webhook }: Placed): readonly string[] {
  const key = "istio.io/rev";
  const selectors = [webhook?.namespaceSelector, webhook?.objectSelector];
  const said = selectors.flatMap((selector) => [
    ...(selector?.matchLabels?.[key] === undefined ? [] : [selector.matchLabels[key]]),
    ...(selector?.matchExpressions ?? []).flatMap((e) => (e.key === key ? (e.values ?? []) : [])),
  ]);
  return config.labels[key] === undefined ? said : [config.labels[key], ...said];
}

function withoutService(scope: Scope, { config, index, webhook }: Placed): readonly Finding[] {
  const { namespace = "", name = "" } = webhook.clientConfig?.service ?? {};
  if (name === "" || scope.names(types.Service, namespace).includes(name)) return [];
  const words = `Injector refers to a control plane service that does not exist: ${namespace}/${name}.`;
  return [
    report(config, "IST0139", [words], {
      path: ["webhooks", index, "clientConfig"],
      fix: "add it, or take the webhook away",
    }),
  ];
}

/** Containers whose image an injector was to write. Where no injector is read, this machine's or files', nothing can be said. */
export const imageAuto: Analyzer = {
  name: "injection.ImageAutoAnalyzer",
  description: "Makes sure that Pods and Deployments with `image: auto` are going to be injected",
  inputs: [types.Namespace, types.Pod, types.Deployment, mutating],
  codes: ["IST0146", "IST0147"],
  step: forAll("imageAuto", (scope) => {
    const webhooks = injectors(scope).filter(isInjector);
    if (webhooks.length === 0) return [];
    const fix = "label its namespace or its Pod template so that an injector takes it, then start it again";
    const pods = listAll<PodSpec>(scope, types.Pod)
      .filter(({ spec }) => hasAuto(spec))
      .map((pod) => report(pod, "IST0147", ["Pod", pod.name], { path: ["spec", "containers"], fix }));
    const deployments = listAll<DeploymentSpec>(scope, types.Deployment).flatMap((deployment) => {
      const { metadata, spec = {} } = deployment.spec.template ?? {};
      if (!hasAuto(spec)) return [];
      const ns = scope.get({ type: types.Namespace, namespace: "", name: deployment.namespace })?.labels ?? {};
      const taken = webhooks.some(
        ({ webhook }) =>
          selects(webhook.namespaceSelector ?? {}, ns) && selects(webhook.objectSelector ?? {}, metadata?.labels ?? {}),
      );
      const path = ["spec", "template", "spec", "containers"];
      return taken ? [] : [report(deployment, "IST0146", ["Deployment", deployment.name], { path, fix })];
    });
    return [...pods, ...deployments];
  }),
};

function hasAuto({ containers = [] }: PodSpec): boolean {
  return containers.some(({ name, image }) => name === "istio-proxy" && image === "auto");
}
