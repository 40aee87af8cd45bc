import { createHash } from "node:crypto";
import type { InjectContext } from "./context.ts";
import { injectPod } from "./inject-pod.ts";
import { jsonPatch } from "./json-patch.ts";
import type { Pod } from "./pod.ts";

/** `admission.k8s.io/v1`, as an API server posts it. */
export interface AdmissionReview {
  readonly apiVersion?: string;
  readonly kind?: string;
  readonly request?: {
    readonly uid: string;
    readonly namespace?: string;
    readonly operation?: string;
    readonly dryRun?: boolean;
    readonly object?: unknown;
  };
}

export interface AdmissionResponse {
  readonly uid: string;
  readonly allowed: boolean;
  /** Why it is refused. */
  readonly status?: { readonly code: number; readonly reason: string; readonly message: string };
  readonly patchType?: "JSONPatch";
  /** Base64 of JSON. */
  readonly patch?: string;
  /** Told by kubectl; each at most 120 characters are sure to be shown. */
  readonly warnings?: readonly string[];
}

/** An answer to a review, with what became of the Pod for logs and figures. */
export interface Admission {
  readonly review: {
    readonly apiVersion: string;
    readonly kind: "AdmissionReview";
    readonly response: AdmissionResponse;
  };
  readonly outcome: "injected" | "left" | "refused";
  /** Why it was left or refused. */
  readonly why?: string;
}

/**
 * Answers the webhook `/inject` for one Pod. Pure: nothing is written, so a dry run is as any other; asked again about a Pod that it injected
 * it changes nothing. Throws a TypeError with words where the body is no review of a Pod.
 */
export function admitPod(review: AdmissionReview, context: InjectContext): Admission {
  const { request } = review;
  if (review.kind !== "AdmissionReview" || typeof request?.uid !== "string")
    throw new TypeError("the body is not an AdmissionReview with a request");
  const { uid, object } = request;
  if (typeof object !== "object" || object === null) throw new TypeError("the AdmissionReview has no object");
  const pod = object as Pod;
  const answer = (response: Omit<AdmissionResponse, "uid">, rest: Omit<Admission, "review">): Admission => ({
    review: { apiVersion: "admission.k8s.io/v1", kind: "AdmissionReview", response: { uid, ...response } },
    ...rest,
  });
  const namespace = request.namespace ?? pod.metadata?.namespace ?? "default";
  // The API server's id of a request is random, and in nobody's hands but its own.
  const drainKey = createHash("sha256").update(uid).digest("hex").slice(0, 32);
  const injected = injectPod(pod, { namespace, drainKey }, context);
  if ("left" in injected) return answer({ allowed: true }, { outcome: "left", why: injected.left });
  if ("refused" in injected) {
    const message = `weft: the Pod cannot have a sidecar: ${injected.refused}`;
    const status = { code: 400, reason: "BadRequest", message };
    return answer({ allowed: false, status }, { outcome: "refused", why: injected.refused });
  }
  const patch = Buffer.from(JSON.stringify(jsonPatch(pod, injected.pod))).toString("base64");
  const { warnings } = injected;
  return answer(
    { allowed: true, patchType: "JSONPatch", patch, ...(warnings.length === 0 ? {} : { warnings }) },
    { outcome: "injected" },
  );
}
