import type { MeshActions } from "./actions.ts";
import { Refusal, sendJson } from "./http/answer.ts";
import type { Call } from "./http/route.ts";
import { checkPolicy, partiesOf } from "./policy-check.ts";
import { type Question, understand } from "./policy-question.ts";
import type { MeshState } from "./state.ts";

/** Answers which rule decides about a request. */
export async function policyAnswer(
  { state, actions }: { readonly state: MeshState; readonly actions: MeshActions },
  { query, response }: Call,
): Promise<void> {
  const snapshot = state.snapshot();
  const asked = understand(questionOf(query), partiesOf(state.pods(), snapshot), snapshot, state.about().trustDomain);
  const proxy = `${asked.target.pod}.${asked.target.namespace}`;
  const [extensions, listeners] = await Promise.all([
    actions.sentConfig?.(proxy, "ecds"),
    actions.sentConfig?.(proxy, "listener"),
  ]);
  if (extensions === undefined || listeners === undefined)
    throw new Refusal(
      404,
      `${asked.target.namespace}/${asked.target.workload} has no proxy here, so nothing is refused before it`,
    );
  sendJson(response, checkPolicy(asked, { extensions, listeners }, snapshot));
}

function questionOf(query: URLSearchParams): Question {
  const need = (name: string) => {
    const value = query.get(name);
    if (!value) throw new Refusal(400, `${name} is missing`, "ask with from, to, and for HTTP method and path");
    return value;
  };
  const [method, path, claims] = [query.get("method"), query.get("path"), query.get("claims")];
  return {
    ...{ from: need("from"), to: need("to"), namespace: query.get("namespace") ?? "default" },
    ...(method === null ? {} : { method, path: path ?? "/" }),
    headers: query.getAll("header").map(headerOf),
    ...(claims === null ? {} : { claims: claimsOf(claims) }),
  };
}

/** `x-user: ann` in two. */
export function headerOf(text: string): readonly [string, string] {
  const at = text.indexOf(":");
  if (at < 1) throw new Refusal(400, `header ${text}: there is no name`, "write it NAME:VALUE");
  return [text.slice(0, at), text.slice(at + 1).trim()];
}

/** Claims as JSON. */
export function claimsOf(text: string): Readonly<Record<string, unknown>> {
  try {
    const read: unknown = JSON.parse(text);
    if (typeof read === "object" && read !== null && !Array.isArray(read))
      return read as Readonly<Record<string, unknown>>;
  } catch {
    // Told below.
  }
  throw new Refusal(400, "claims is no JSON object", 'write it like {"iss": "https://issuer", "sub": "ann"}');
}
