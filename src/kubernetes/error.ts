/** One thing that is wrong: `{ reason: "FieldManagerConflict", message: 'conflict with "argocd" ...', field: ".spec.http" }`. */
export interface KubernetesCause {
  readonly reason?: string;
  readonly message?: string;
  readonly field?: string;
}

interface StatusAnswer {
  readonly reason?: unknown;
  readonly message?: unknown;
  readonly details?: { readonly causes?: readonly KubernetesCause[] };
}

/** What an API server said when it refused, as its `Status` object has it; or why it could not be asked. */
export class KubernetesError extends Error {
  /** HTTP status; 0 where no answer came. */
  readonly code: number;
  /** `NotFound`, `Forbidden`, `Conflict`, `Expired`, ...; `Unreachable` where no answer came. */
  readonly reason: string;
  /** What it says of single fields: that somebody else manages them, say. */
  readonly causes: readonly KubernetesCause[];

  constructor(code: number, reason: string, message: string, causes: readonly KubernetesCause[] = []) {
    super(message);
    this.name = "KubernetesError";
    this.code = code;
    this.reason = reason;
    this.causes = causes;
  }
}

/** The error in an answer's body, or what can be said without one. */
export function errorOf(code: number, body: string): KubernetesError {
  try {
    const { reason, message, details } = JSON.parse(body) as StatusAnswer;
    if (typeof message === "string")
      return new KubernetesError(code, typeof reason === "string" ? reason : "", message, details?.causes ?? []);
  } catch {
    // Proxies before an API server answer with something else.
  }
  return new KubernetesError(code, "", `the API server answered ${code}: ${body.slice(0, 200)}`);
}

/** What was asked for, or undefined where there is no such object. */
export function orNothing<T>(asked: Promise<T>): Promise<T | undefined> {
  return asked.catch((error: unknown) => {
    if (error instanceof KubernetesError && error.code === 404) return undefined;
    throw error;
  });
}
