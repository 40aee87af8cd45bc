import { covers } from "../../analysis/workloads.ts";
import type { Subset } from "../../gen/istio/destination-rule.ts";
import type { VirtualServiceSpec } from "../../gen/istio/virtual-service.ts";
import { fullHost } from "../../model/full-host.ts";
import type { Resource } from "../../model/resource.ts";
import { get, list } from "../../model/snapshot.ts";
import { types } from "../../model/types.ts";
import { destinationRuleFor, destinationRuleKey } from "../../plan/cluster/destination-rule.ts";
import { hostMatches } from "../../plan/host.ts";
import { mesh } from "../../plan/mesh.ts";
import { virtualServiceEntries } from "../../plan/route/selection.ts";
import type { Service } from "../../plan/service.ts";
import type { Tracker } from "../../track/tracker.ts";
import { apiRoutes } from "./api-routes.ts";
import { destinationsOf } from "./destinations.ts";

/** A Service, and what of the mesh holds for those who call it. */
export interface ServiceStory {
  /** `shop/reviews`. */
  readonly service: string;
  readonly host: string;
  readonly ports: readonly { readonly port: number; readonly protocol: string; readonly targetPort: string }[];
  readonly pods: readonly string[];
  readonly destinationRules: readonly string[];
  /** What their traffic policy says of TLS; absent: sidecars decide. */
  readonly clientTls?: string;
  readonly subsets: readonly { readonly name: string; readonly labels: string; readonly pods: readonly string[] }[];
  readonly routes: readonly RouteStory[];
  /** Routes of Gateway API that lead to it, and by which Gateways: `HTTPRoute shop/reviews (Gateway infra/public)`. */
  readonly apiRoutes: readonly string[];
  readonly warnings: readonly string[];
}

export interface RouteStory {
  /** `shop/reviews`. */
  readonly virtualService: string;
  /** `mesh` for sidecars; else `namespace/name` of Gateways. */
  readonly gateways: readonly string[];
  readonly hosts: readonly string[];
  /** `90% v1, 10% v2`, one for each route. */
  readonly to: readonly string[];
}

/** Gathers it from the objects of a mesh. Pure. */
export function serviceStory(tracker: Tracker, service: Service): ServiceStory {
  const { namespace, name, selector = {} } = service;
  const pods = Object.keys(selector).length === 0 ? [] : podsOf(tracker, namespace, selector);
  const key = destinationRuleKey({ kind: "sidecar", namespace, labels: {} }, service);
  const rule = tracker.ask(destinationRuleFor, key);
  const subsets = [...(rule?.subsets.values() ?? [])].map((subset: Subset) => ({
    name: subset.name,
    labels: labelsText(subset.labels ?? {}),
    pods: pods.filter((pod) => covers(subset.labels ?? {}, pod.labels)).map((pod) => pod.name),
  }));
  const tls = rule?.trafficPolicy?.tls?.mode;
  const routes = routesOf(tracker, service);
  const story = {
    service: `${namespace}/${name}`,
    host: service.host,
    ports: service.ports.map((port) => ({
      port: port.number,
      protocol: port.protocol === "unsupported" ? "unknown" : port.protocol,
      targetPort: String(port.targetPort),
    })),
    pods: pods.map((pod) => pod.name),
    destinationRules: (rule?.refs ?? []).map((ref) => `${ref.namespace}/${ref.name}`),
    ...(tls === undefined ? {} : { clientTls: tls }),
    subsets,
    routes: routes.map(({ story: one }) => one),
    apiRoutes: apiRoutes(tracker, service),
  };
  const usedSubsets = new Set(routes.flatMap((one) => one.subsets));
  return { ...story, warnings: warningsOf(story, usedSubsets, Object.keys(selector).length > 0) };
}

function podsOf(tracker: Tracker, namespace: string, selector: Readonly<Record<string, string>>): readonly Resource[] {
  return list(tracker.snapshot, types.Pod, namespace).filter((pod) => covers(selector, pod.labels));
}

interface FoundRoute {
  readonly story: RouteStory;
  /** Subsets of the service that it sends to. */
  readonly subsets: readonly string[];
}

/** VirtualServices whose hosts are the service's, or whose routes lead to it. */
function routesOf(tracker: Tracker, { host }: Service): readonly FoundRoute[] {
  const { domain } = tracker.ask(mesh, "");
  return tracker.ask(virtualServiceEntries, "").flatMap(({ key, namespace, hosts, gateways }) => {
    const [, name = ""] = key.split("/");
    const object = get(tracker.snapshot, { type: types.VirtualService, namespace, name });
    if (object === undefined) return [];
    const routes = destinationsOf(object.spec as VirtualServiceSpec);
    const isIts = (said: string) => fullHost(said, namespace, domain).toLowerCase() === host;
    const leads = routes.flat().filter((one) => isIts(one.host));
    const isMeshs = gateways.includes("mesh") && hosts.some((pattern) => hostMatches(pattern, host));
    if (leads.length === 0 && !isMeshs) return [];
    const words = routes.map((route) =>
      route
        .map(
          (one) =>
            `${one.weight}% ${isIts(one.host) ? (one.subset ?? "any") : `${one.host}${one.subset ? ` ${one.subset}` : ""}`}`,
        )
        .join(", "),
    );
    const subsets = leads.flatMap((one) => (one.subset === undefined ? [] : [one.subset]));
    return [{ story: { virtualService: key, gateways, hosts, to: [...new Set(words)] }, subsets }];
  });
}

function warningsOf(
  story: Omit<ServiceStory, "warnings">,
  usedSubsets: ReadonlySet<string>,
  selects: boolean,
): readonly string[] {
  const unknown = story.ports.filter((port) => port.protocol === "unknown");
  const sidecarRoutes = story.routes.filter(
    (route) => route.gateways.includes("mesh") && route.hosts.some((host) => hostMatches(host, story.host)),
  );
  return [
    ...(selects && story.pods.length === 0 ? ["no Pod has the labels that it selects"] : []),
    ...unknown.map(
      ({ port }) =>
        `port ${port} does not say its protocol, so bytes are sniffed: name it like http-web, or set appProtocol`,
    ),
    ...story.subsets
      .filter((subset) => subset.pods.length === 0)
      .map((subset) =>
        usedSubsets.has(subset.name)
          ? `subset ${subset.name} gets requests, and no Pod has its labels (${subset.labels}): they fail with 503`
          : `no Pod is of subset ${subset.name} (${subset.labels})`,
      ),
    ...[...usedSubsets]
      .filter((name) => !story.subsets.some((subset) => subset.name === name))
      .map((name) => `a route sends to subset ${name}, which no DestinationRule defines`),
    ...(sidecarRoutes.length > 1
      ? [
          `sidecars take only VirtualService ${sidecarRoutes[0]?.virtualService}, the oldest of ${sidecarRoutes.length} for this host`,
        ]
      : []),
  ];
}

/** `app=reviews,version=v1`. */
export function labelsText(labels: Readonly<Record<string, string>>): string {
  return Object.entries(labels)
    .map(([key, value]) => `${key}=${value}`)
    .join(",");
}
