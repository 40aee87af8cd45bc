import type { Found } from "../../api/checks/found.ts";
import { kindOf } from "../../model/resource.ts";
import { customTypes, groupOf } from "../../sources/kubernetes/kinds.ts";
import type { KubeCluster } from "../kube/cluster.ts";
import type { Category, Check } from "./check.ts";

/** The oldest Kubernetes with native sidecars. */
const leastMinor = 29;

interface VersionInfo {
  readonly major: string;
  readonly minor: string;
  readonly gitVersion: string;
}

/** Whether the API server answers, and is new enough. */
export function apiChecks(cluster: KubeCluster): Category {
  return {
    name: "kubernetes-api",
    checks: [
      {
        name: `the API server of context ${cluster.context} answers`,
        fatal: true,
        run: async () => {
          await cluster.ask("/version");
          return undefined;
        },
      },
      {
        name: `Kubernetes is 1.${leastMinor} or later`,
        run: async () => {
          const { major, minor, gitVersion } = await cluster.ask<VersionInfo>("/version");
          if (Number(major) > 1 || Number.parseInt(minor, 10) >= leastMinor) return undefined;
          return {
            outcome: "failed",
            says: `it is ${gitVersion}, which has no native sidecars`,
            hint: `upgrade the cluster to 1.${leastMinor} or later`,
          };
        },
      },
    ],
  };
}

/** What whoever installs Weft must be allowed. */
const rights: readonly (readonly [verb: string, group: string, resource: string, inNamespace: boolean])[] = [
  ["create", "", "namespaces", false],
  ["create", "apiextensions.k8s.io", "customresourcedefinitions", false],
  ["create", "rbac.authorization.k8s.io", "clusterroles", false],
  ["create", "rbac.authorization.k8s.io", "clusterrolebindings", false],
  ["create", "admissionregistration.k8s.io", "mutatingwebhookconfigurations", false],
  ["create", "admissionregistration.k8s.io", "validatingwebhookconfigurations", false],
  ["create", "apps", "deployments", true],
  ["create", "", "services", true],
  ["create", "", "serviceaccounts", true],
  ["create", "", "configmaps", true],
  ["create", "rbac.authorization.k8s.io", "roles", true],
  ["create", "rbac.authorization.k8s.io", "rolebindings", true],
];

/** Before an installation: whether this user may do it. */
export function rightsChecks(cluster: KubeCluster): Category {
  return {
    name: "pre-installation",
    checks: rights.map(([verb, group, resource, inNamespace]) => ({
      name: `may ${verb} ${resource}${inNamespace ? ` in ${cluster.installNamespace}` : ""}`,
      run: async () => {
        const attributes = { verb, group, resource, ...(inNamespace ? { namespace: cluster.installNamespace } : {}) };
        const review = await cluster.ask<{ readonly status: { readonly allowed: boolean; readonly reason?: string } }>(
          "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews",
          {
            method: "POST",
            body: {
              apiVersion: "authorization.k8s.io/v1",
              kind: "SelfSubjectAccessReview",
              spec: { resourceAttributes: attributes },
            },
          },
        );
        if (review.status.allowed) return undefined;
        return {
          outcome: "failed",
          says: `it is not allowed${review.status.reason ? ` (${review.status.reason})` : ""}`,
          hint: "install as an administrator of the cluster, or have the right granted",
        };
      },
    })),
  };
}

/** Whether the kinds that the mesh reads are served. */
export function kindChecks(cluster: KubeCluster): Category {
  const groups = [...new Set(customTypes.map(groupOf))];
  return {
    name: "kinds",
    checks: groups.map((group): Check => ({ name: `${group} is served`, run: () => missing(cluster, group) })),
  };
}

async function missing(cluster: KubeCluster, group: string): Promise<Found | undefined> {
  const served = new Set((await cluster.served(group)).map(({ kind }) => kind));
  const absent = customTypes.filter((type) => groupOf(type) === group && !served.has(kindOf(type))).map(kindOf);
  if (absent.length === 0) return undefined;
  return {
    outcome: group === "networking.istio.io" && served.size === 0 ? "failed" : "warning",
    says: `the API server does not serve ${absent.join(", ")}`,
    hint: "weft install brings their definitions; what is not served is not read",
  };
}
