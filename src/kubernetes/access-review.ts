import type { KubernetesClient } from "./client.ts";
import type { ReviewedUser } from "./token-review.ts";

/** What shall be allowed, in the API server's words. */
export interface ResourceAttributes {
  readonly verb: string;
  readonly group: string;
  readonly resource: string;
  readonly subresource?: string;
  /** Empty: in all namespaces, or of an object without one. */
  readonly namespace: string;
  readonly name?: string;
}

interface SubjectAccessReview {
  readonly status?: { readonly allowed?: boolean };
}

/** Asks the API server whether somebody may do that. Throws KubernetesError where it cannot be asked. */
export async function reviewAccess(
  client: KubernetesClient,
  { username, groups, extra }: ReviewedUser,
  resourceAttributes: ResourceAttributes,
): Promise<boolean> {
  const answer = await client.ask<SubjectAccessReview>("/apis/authorization.k8s.io/v1/subjectaccessreviews", {
    method: "POST",
    body: {
      apiVersion: "authorization.k8s.io/v1",
      kind: "SubjectAccessReview",
      spec: { user: username, groups, extra, resourceAttributes },
    },
  });
  return answer.status?.allowed === true;
}

/** The same of whoever the client asks as. Everybody who is known may ask that. Throws KubernetesError where it cannot be asked. */
export async function reviewOwnAccess(
  client: KubernetesClient,
  resourceAttributes: ResourceAttributes,
): Promise<boolean> {
  const answer = await client.ask<SubjectAccessReview>("/apis/authorization.k8s.io/v1/selfsubjectaccessreviews", {
    method: "POST",
    body: {
      apiVersion: "authorization.k8s.io/v1",
      kind: "SelfSubjectAccessReview",
      spec: { resourceAttributes },
    },
  });
  return answer.status?.allowed === true;
}
