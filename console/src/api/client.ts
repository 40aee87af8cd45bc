import type { ApiError } from "../../../src/api/contract/error.ts";

/** The control plane answered, but not with what was asked for. */
export class AnswerError extends Error {
  readonly status: number;
  readonly fix: string | undefined;

  constructor(status: number, answer: ApiError) {
    super(answer.error);
    this.name = "AnswerError";
    this.status = status;
    this.fix = answer.fix;
  }
}

/** The control plane did not answer at all. */
class AwayError extends Error {
  constructor() {
    super(`No control plane at ${location.origin}.`);
    this.name = "AwayError";
  }
}

/**
 * GET `api/v1/<path>` below the page's base address.
 * @throws AnswerError for an answer that is not 2xx, AwayError where there is no answer or a proxy stands in for one.
 */
export async function get<T>(path: string, signal?: AbortSignal): Promise<T> {
  let response: Response;
  try {
    response = await fetch(new URL(`api/v1/${path}`, document.baseURI), {
      headers: { accept: "application/json" },
      ...(signal ? { signal } : {}),
    });
  } catch (error) {
    if (signal?.aborted) throw error;
    throw new AwayError();
  }
  const body: unknown = await response.json().catch(() => undefined);
  if (response.ok && body !== undefined) return body as T;
  if (isApiError(body)) throw new AnswerError(response.status, body);
  throw new AwayError();
}

function isApiError(body: unknown): body is ApiError {
  return typeof body === "object" && body !== null && "error" in body && typeof body.error === "string";
}
