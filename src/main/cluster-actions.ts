import type { KubeConfig } from "@kubernetes/client-node";
import type { MeshActions } from "../api/actions.ts";
import type { Discovery } from "../discovery/discovery.ts";
import type { KubernetesClient } from "../kubernetes/client.ts";
import { clusterCallers } from "./cluster-callers.ts";
import { clusterChanges } from "./cluster-changes.ts";
import { clusterInjection } from "./cluster-injection.ts";
import { clusterLogs } from "./cluster-logs.ts";

export interface ClusterActionsOptions {
  readonly config: KubeConfig;
  /** As the control plane itself. */
  readonly client: KubernetesClient;
  readonly discovery: Discovery;
  readonly now: () => number;
}

/** What is done in a cluster as who asks, with their rights there. */
export function clusterActions({ config, client, discovery, now }: ClusterActionsOptions): MeshActions {
  const callers = clusterCallers(config, client);
  return {
    ...clusterChanges({ discovery, callers, now }),
    logs: clusterLogs(discovery, callers),
    inject: clusterInjection(callers),
  };
}
