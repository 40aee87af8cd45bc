import type { KubernetesClient } from "./client.ts";

/** Whose token it is, as the API server says. */
export interface ReviewedUser {
  /** `system:serviceaccount:default:reviews`. */
  readonly username: string;
  /** `authentication.kubernetes.io/pod-name` and the like. */
  readonly extra: Readonly<Record<string, readonly string[]>>;
}

interface TokenReview {
  readonly status?: {
    readonly authenticated?: boolean;
    readonly audiences?: readonly string[];
    readonly error?: string;
    readonly user?: { readonly username?: string; readonly extra?: ReviewedUser["extra"] };
  };
}

/** Asks the API server whose token it is; it must be for `audience`. Throws KubernetesError where it cannot be asked. */
export async function reviewToken(
  client: KubernetesClient,
  token: string,
  audience: string,
): Promise<ReviewedUser | { readonly refused: string }> {
  const { status = {} } = await client.ask<TokenReview>("/apis/authentication.k8s.io/v1/tokenreviews", {
    method: "POST",
    body: { apiVersion: "authentication.k8s.io/v1", kind: "TokenReview", spec: { token, audiences: [audience] } },
  });
  const { authenticated, audiences = [], error, user } = status;
  if (authenticated !== true) return { refused: error ?? "the API server does not know this token" };
  // An API server that knows nothing of audiences leaves them out.
  if (!audiences.includes(audience)) return { refused: `the token is not for ${audience}` };
  return { username: user?.username ?? "", extra: user?.extra ?? {} };
}
