import { kindOf, type Ref, type Resource } from "../../model/resource.ts";
import { types } from "../../model/types.ts";
import { revisionLabel } from "../revision.ts";

/** An object as the API server takes it. */
export interface Manifest {
  readonly ref: Ref;
  /** Of its collection: `/apis/apps/v1/namespaces/shop/deployments`. */
  readonly collection: string;
  readonly body: { readonly metadata: object };
}

/** Types of what routers are made of, with the plural of each. */
export const plurals: Readonly<Record<string, string>> = {
  [types.ServiceAccount]: "serviceaccounts",
  [types.Service]: "services",
  [types.Deployment]: "deployments",
  "HorizontalPodAutoscaler.autoscaling": "horizontalpodautoscalers",
  "PodDisruptionBudget.policy": "poddisruptionbudgets",
};

/** Versions in which they are written. */
export const apiVersions: Readonly<Record<string, string>> = {
  [types.ServiceAccount]: "v1",
  [types.Service]: "v1",
  [types.Deployment]: "apps/v1",
  "HorizontalPodAutoscaler.autoscaling": "autoscaling/v2",
  "PodDisruptionBudget.policy": "policy/v1",
};

/** A part of a router as an object of a cluster: the injection webhook makes its proxy. `revision`: the one that its Gateway names. */
export function manifest(resource: Resource, revision: string | undefined): Manifest {
  const { type, namespace, name, labels, annotations, spec } = resource;
  const apiVersion = apiVersions[type] ?? resource.apiVersion;
  const metadata = { name, namespace, labels, ...(Object.keys(annotations).length === 0 ? {} : { annotations }) };
  const content = type === types.ServiceAccount ? {} : { spec };
  return {
    ref: { type, namespace, name },
    collection: collectionOf(type, namespace),
    body: {
      ...{ apiVersion, kind: kindOf(type), metadata },
      ...(type === types.Deployment ? { spec: injected(spec as DeploymentSpec, revision) } : content),
    },
  };
}

/** `/apis/apps/v1/namespaces/shop/deployments`; without a namespace those of all. */
export function collectionOf(type: string, namespace?: string): string {
  const version = apiVersions[type] ?? "v1";
  const root = version.includes("/") ? `/apis/${version}` : `/api/${version}`;
  return `${root}${namespace === undefined ? "" : `/namespaces/${namespace}`}/${plurals[type]}`;
}

interface DeploymentSpec {
  readonly template?: { readonly metadata?: { readonly labels?: Readonly<Record<string, string>> } };
}

/** Its Pods ask for injection, whatever their namespace says. */
function injected(spec: DeploymentSpec, revision: string | undefined): DeploymentSpec {
  const { template } = spec;
  const chosen = revision === undefined ? {} : { [revisionLabel]: revision };
  const asks = { "sidecar.istio.io/inject": "true", ...chosen };
  const labels = { ...asks, ...template?.metadata?.labels };
  return { ...spec, template: { ...template, metadata: { ...template?.metadata, labels } } };
}
