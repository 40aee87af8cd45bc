import type { KubeCluster } from "../kube/cluster.ts";
import type { Session } from "../session.ts";
import type { Category } from "./check.ts";
import { controlPlaneChecks } from "./control-plane.ts";
import { apiChecks, kindChecks, rightsChecks } from "./kubernetes.ts";
import { proxyChecks } from "./proxies.ts";
import { webhookChecks } from "./webhooks.ts";

export interface Wanted {
  /** Before an installation. */
  readonly pre?: boolean;
  /** The proxies as well, of one namespace or of all. */
  readonly proxy?: boolean;
  readonly namespace?: string;
}

/** What `weft check` goes through, in order. */
export function categoriesOf(cluster: KubeCluster, wanted: Wanted, session: Session): readonly Category[] {
  if (wanted.pre) return [apiChecks(cluster), rightsChecks(cluster)];
  return [
    apiChecks(cluster),
    kindChecks(cluster),
    controlPlaneChecks(cluster, session),
    webhookChecks(cluster, session.deps.clock.now),
    ...(wanted.proxy ? [proxyChecks(cluster, session, wanted.namespace)] : []),
  ];
}
