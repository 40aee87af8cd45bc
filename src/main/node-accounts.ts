import type { Impersonation } from "../ca/certificate-service.ts";
import type { Resource } from "../model/resource.ts";
import { get, list, type Snapshot } from "../model/snapshot.ts";
import { types } from "../model/types.ts";

interface PodSpec {
  readonly nodeName?: string;
  readonly serviceAccountName?: string;
}

/**
 * Lets the proxy of a node (Istio's ztunnel) have certificates of the workloads that it serves, by Istio's rule: its ServiceAccount is one of
 * `trusted` (`istio-system/ztunnel`), it showed a token that is bound to its Pod, and a Pod of the identity that it asks for runs on its node.
 */
export function nodeAccounts(trusted: ReadonlySet<string>, snapshot: () => Snapshot): Impersonation {
  return ({ identity, pod, podUid }, wanted) => {
    const account = `${identity.namespace}/${identity.serviceAccount}`;
    if (!trusted.has(account)) return { refused: `${account} is no trusted account of nodes` };
    if (pod === undefined) return { refused: "no token that is bound to a Pod was shown" };
    const here = snapshot();
    const own = get(here, { type: types.Pod, namespace: identity.namespace, name: pod });
    if (own === undefined || (podUid !== undefined && uidOf(own) !== podUid))
      return { refused: `there is no Pod ${identity.namespace}/${pod} of that token` };
    const { nodeName, serviceAccountName } = own.spec as PodSpec;
    if (serviceAccountName !== identity.serviceAccount)
      return { refused: `Pod ${pod} is not of ServiceAccount ${identity.serviceAccount}` };
    if (nodeName === undefined) return { refused: `Pod ${pod} has no node` };
    const runs = list(here, types.Pod, wanted.namespace).some(({ spec }) => {
      const there = spec as PodSpec;
      return there.nodeName === nodeName && there.serviceAccountName === wanted.serviceAccount;
    });
    return runs ? undefined : { refused: `no Pod of that identity runs on node ${nodeName}` };
  };
}

function uidOf(pod: Resource): unknown {
  return (pod.data?.["metadata"] as { readonly uid?: unknown } | undefined)?.uid;
}
