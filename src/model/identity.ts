/** Who a workload is: SPIFFE's trust domain with Kubernetes' namespace and ServiceAccount. */
export interface Identity {
  readonly trustDomain: string;
  readonly namespace: string;
  readonly serviceAccount: string;
}

/** `spiffe://cluster.local/ns/default/sa/reviews`. */
export function spiffeId(identity: Identity): string {
  return `spiffe://${identity.trustDomain}/ns/${identity.namespace}/sa/${identity.serviceAccount}`;
}

/** The identity in a SPIFFE ID of Istio's form, or undefined. */
export function parseSpiffeId(uri: string): Identity | undefined {
  const match = /^spiffe:\/\/([^/]+)\/ns\/([^/]+)\/sa\/([^/]+)$/.exec(uri);
  if (!match) return undefined;
  return { trustDomain: match[1] as string, namespace: match[2] as string, serviceAccount: match[3] as string };
}
