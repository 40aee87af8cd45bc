import type { ApiError } from "../../../src/api/contract/error.ts";
import { AnswerError } from "./client.ts";

/**
 * POST `api/v1/<path>` with a text as body, as this page's session.
 * @param also statuses, beside 2xx, whose body is an answer.
 * @throws AnswerError for any other status, TypeError where nobody answers.
 */
export async function send<T>(
  path: string,
  body: string,
  { also = [], signal }: { readonly also?: readonly number[]; readonly signal?: AbortSignal } = {},
): Promise<T> {
  const response = await fetch(new URL(`api/v1/${path}`, document.baseURI), {
    method: "POST",
    headers: { accept: "application/json", "content-type": "application/yaml", "x-weft-request": "console" },
    body,
    ...(signal ? { signal } : {}),
  });
  const answer: unknown = await response.json().catch(() => undefined);
  if ((response.ok || also.includes(response.status)) && answer !== undefined && !isError(answer)) return answer as T;
  throw new AnswerError(
    response.status,
    isError(answer) ? answer : { error: `the control plane answered ${response.status} without a word` },
  );
}

function isError(body: unknown): body is ApiError {
  return typeof body === "object" && body !== null && "error" in body && typeof body.error === "string";
}
