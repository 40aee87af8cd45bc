import type { MeshActions } from "../api/actions.ts";
import { Refusal } from "../api/http/answer.ts";
import type { KubernetesClient } from "../kubernetes/client.ts";
import { KubernetesError, orNothing } from "../kubernetes/error.ts";
import { pathOf } from "../kubernetes/object.ts";
import type { ClusterCallers } from "./cluster-callers.ts";
import { fieldManager } from "./cluster-write.ts";

type Inject = NonNullable<MeshActions["inject"]>;

/** Kinds whose Pods can be told to have a sidecar or none. */
const workloadKinds = { Deployment: "deployments", StatefulSet: "statefulsets", DaemonSet: "daemonsets" } as const;
type WorkloadKind = keyof typeof workloadKinds;

/** Labels of namespaces and of workloads' Pods, patched as who asks. */
export function clusterInjection(callers: ClusterCallers): Inject {
  return async ({ namespace, workload, labels }, { dryRun, caller, permit }) => {
    const patch = workload === undefined ? { metadata: { labels } } : { spec: { template: { metadata: { labels } } } };
    // A Namespace is, for RBAC, within itself.
    const type = workload === undefined ? "Namespace" : "Deployment.apps";
    try {
      return await callers.as(caller, async (client) => {
        const found = workload === undefined ? undefined : await kindOf(client, namespace, workload);
        const why = await permit({
          ...{ what: "update", namespace, name: workload ?? namespace },
          type: found === undefined ? type : `${found}.apps`,
        });
        if (why !== undefined) throw new Refusal(403, why, "ask whoever runs this cluster, or run the kubectl command");
        const warnings: string[] = [];
        await client.ask(
          found === undefined ? `/api/v1/namespaces/${namespace}` : pathOfWorkload(found, namespace, workload),
          {
            method: "PATCH",
            contentType: "application/merge-patch+json",
            query: { fieldManager, dryRun: dryRun ? "All" : undefined },
            body: patch,
            onWarning: (words) => warnings.push(words),
          },
        );
        return { kind: found ?? "Namespace", patch, warnings };
      });
    } catch (error) {
      if (!(error instanceof KubernetesError)) throw error;
      const status =
        error.code === 403 || error.code === 401 ? 403 : error.code === 404 ? 404 : error.code === 0 ? 503 : 422;
      throw new Refusal(status, error.message, "run the kubectl command where you have the right");
    }
  };
}

/** What kind of workload has that name; asked as who asks. Rejects with a Refusal where there is none. */
async function kindOf(client: KubernetesClient, namespace: string, name: string): Promise<WorkloadKind> {
  for (const kind of Object.keys(workloadKinds) as WorkloadKind[])
    if ((await orNothing(client.ask(pathOfWorkload(kind, namespace, name)))) !== undefined) return kind;
  throw new Refusal(
    404,
    `no Deployment, StatefulSet or DaemonSet ${name} is in namespace ${namespace}`,
    "say it where its Pods are made",
  );
}

function pathOfWorkload(kind: WorkloadKind, namespace: string, name = ""): string {
  const resource = { group: "apps", version: "v1", plural: workloadKinds[kind] };
  return `${pathOf(resource, namespace)}/${encodeURIComponent(name)}`;
}
