import type { ApiError } from "../../../src/api/contract/error.ts";
import type { Session } from "../../../src/api/contract/session.ts";

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
export function get<T>(path: string, signal?: AbortSignal): Promise<T> {
  return ask<T>(path, { headers: { accept: "application/json" } }, { signal });
}

/** How one POST differs. */
export interface PostOptions {
  readonly signal?: AbortSignal | undefined;
  /** Of the body: `application/yaml` by default. */
  readonly contentType?: string;
  /** Statuses that are answers, too: 422 of `apply`, say. */
  readonly also?: readonly number[];
}

/**
 * POST `api/v1/<path>` as who is logged in here. It carries what no page of another origin can send.
 * @throws as `get` does; AnswerError 401 where nobody is logged in, 403 where they may not.
 */
export async function post<T>(path: string, body = "", options: PostOptions = {}): Promise<T> {
  const { contentType = "application/yaml" } = options;
  const headers = { accept: "application/json", "content-type": contentType };
  // Asked each time: who is logged in may have changed in another tab.
  const { csrf } = await get<Session>("session", options.signal);
  return ask<T>(path, { method: "POST", headers: { ...headers, "x-weft-request": csrf }, body }, options);
}

async function ask<T>(path: string, init: RequestInit, { signal, also = [] }: PostOptions): Promise<T> {
  let response: Response;
  try {
    response = await fetch(new URL(`api/v1/${path}`, document.baseURI), { ...init, ...(signal ? { signal } : {}) });
  } catch (error) {
    if (signal?.aborted) throw error;
    throw new AwayError();
  }
  const body: unknown = await response.json().catch(() => undefined);
  if ((response.ok || also.includes(response.status)) && body !== undefined) return body as T;
  if (isApiError(body)) throw new AnswerError(response.status, body);
  throw new AwayError();
}

function isApiError(body: unknown): body is ApiError {
  return typeof body === "object" && body !== null && "error" in body && typeof body.error === "string";
}
