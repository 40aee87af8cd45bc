import type { KubernetesClient } from "../kubernetes/client.ts";
import { KubernetesError } from "../kubernetes/error.ts";

/**
 * Whether this agent ends because it was uninstalled, not because another follows it: its DaemonSet is gone or going, or the right to see it is.
 * While the API server is away the answer is no: what stays on the node is harmless and taken up by the next agent.
 */
export async function isUninstalled(client: KubernetesClient, namespace: string, daemonSet: string): Promise<boolean> {
  try {
    const path = `/apis/apps/v1/namespaces/${namespace}/daemonsets/${daemonSet}`;
    const { metadata } = await client.ask<{ metadata: { deletionTimestamp?: string } }>(path, { timeoutMs: 5000 });
    return metadata.deletionTimestamp !== undefined;
  } catch (error) {
    return error instanceof KubernetesError && [401, 403, 404].includes(error.code);
  }
}
