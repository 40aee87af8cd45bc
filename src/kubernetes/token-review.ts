import type { KubernetesClient } from "./client.ts";

/** Whose token it is, as the API server says. */
export interface ReviewedUser {
  /** `system:serviceaccount:default:reviews`. */
  readonly username: string;
  readonly groups: readonly string[];
  /** `authentication.kubernetes.io/pod-name` and the like. */
  readonly extra: Readonly<Record<string, readonly string[]>>;
}

interface TokenReview {
  readonly status?: {
    readonly authenticated?: boolean;
    readonly audiences?: readonly string[];
    readonly error?: string;
    readonly user?: Partial<ReviewedUser>;
  };
}

/** Asks the API server whose token it is; it must be for `audience`, absent: for the API server itself. Throws KubernetesError where it cannot be asked. */
export async function reviewToken(
  client: KubernetesClient,
  token: string,
  audience?: string,
): Promise<ReviewedUser | { readonly refused: string }> {
  const { status = {} } = await client.ask<TokenReview>("/apis/authentication.k8s.io/v1/tokenreviews", {
    method: "POST",
    body: {
      apiVersion: "authentication.k8s.io/v1",
      kind: "TokenReview",
      spec: { token, ...(audience === undefined ? {} : { audiences: [audience] }) },
    },
  });
  const { authenticated, audiences = [], error, user } = status;
  if (authenticated !== true) return { refused: error ?? "the API server does not know this token" };
  // An API server that knows nothing of audiences leaves them out.
  if (audience !== undefined && !audiences.includes(audience)) return { refused: `the token is not for ${audience}` };
  return { username: user?.username ?? "", groups: user?.groups ?? [], extra: user?.extra ?? {} };
}
