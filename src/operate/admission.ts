/** What an API server asks of a webhook: `admission.k8s.io/v1`. https://kubernetes.io/docs/reference/access-authn-authz/extensible-admission-controllers/ */
export interface AdmissionRequest {
  readonly uid: string;
  readonly operation: "CREATE" | "UPDATE" | "DELETE" | "CONNECT";
  readonly kind: { readonly group: string; readonly version: string; readonly kind: string };
  readonly namespace?: string;
  readonly name?: string;
  readonly subResource?: string;
  readonly dryRun?: boolean;
  readonly object?: unknown;
  readonly oldObject?: unknown;
}

/** What a webhook says to it. */
export interface Judgement {
  /** Absent: it may go in. What is wrong, as kubectl shows it. */
  readonly refused?: string;
  readonly warnings: readonly string[];
}

/** The most that an API server shows of one warning, and of all together. */
const warningLength = 256;
const warningsLength = 4096;

/** A posted AdmissionReview's request, or why it is none. */
export function readReview(body: unknown): AdmissionRequest | { readonly fault: string } {
  if (!isMap(body) || body["kind"] !== "AdmissionReview") return { fault: "the body is no AdmissionReview" };
  if (body["apiVersion"] !== "admission.k8s.io/v1")
    return { fault: `apiVersion is ${JSON.stringify(body["apiVersion"])}, not admission.k8s.io/v1` };
  const { request } = body;
  if (!isMap(request)) return { fault: "the AdmissionReview has no request" };
  const { uid, operation, kind } = request;
  if (typeof uid !== "string" || uid === "") return { fault: "the request has no uid" };
  if (!["CREATE", "UPDATE", "DELETE", "CONNECT"].includes(operation as string))
    return { fault: `operation ${JSON.stringify(operation)} is none` };
  if (!isMap(kind) || !["group", "version", "kind"].every((part) => typeof kind[part] === "string"))
    return { fault: "the request has no kind" };
  return request as unknown as AdmissionRequest;
}

/** The answer that is sent back. */
export function reviewAnswer({ uid }: AdmissionRequest, { refused, warnings }: Judgement): object {
  const told = shortened(warnings);
  return {
    apiVersion: "admission.k8s.io/v1",
    kind: "AdmissionReview",
    response: {
      uid,
      allowed: refused === undefined,
      ...(refused === undefined ? {} : { status: { code: 400, reason: "BadRequest", message: refused } }),
      ...(told.length === 0 ? {} : { warnings: told }),
    },
  };
}

function shortened(warnings: readonly string[]): readonly string[] {
  const told: string[] = [];
  let left = warningsLength;
  for (const [index, warning] of warnings.entries()) {
    const text = warning.length > warningLength ? `${warning.slice(0, warningLength - 3)}...` : warning;
    const more = `and ${warnings.length - index} more; weft analyze shows them all`;
    if (text.length + more.length > left) return [...told, more];
    told.push(text);
    left -= text.length;
  }
  return told;
}

function isMap(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
