import { keepPreviousData, queryOptions } from "@tanstack/react-query";
import type { ApplyAnswer } from "../../../../src/api/contract/apply.ts";
import type { DraftAnswer, FieldSchema, SchemaKind } from "../../../../src/api/contract/edit.ts";
import type { ApiError } from "../../../../src/api/contract/error.ts";
import type { ConfigFacts } from "../../../../src/api/contract/facts.ts";
import type { References } from "../../../../src/api/contract/references.ts";
import { AnswerError, get, post } from "../../api/client.ts";

/** Schemas do not change while a control plane runs. */
const forAsLong = { staleTime: Number.POSITIVE_INFINITY, refetchInterval: false } as const;

export const schemasQuery = queryOptions({
  queryKey: ["schemas"],
  queryFn: ({ signal }) => get<readonly SchemaKind[]>("schemas", signal),
  ...forAsLong,
});

/** @param apiVersion `networking.istio.io/v1`. */
export function schemaQuery(apiVersion: string, kind: string) {
  const [group, version] = apiVersion.includes("/") ? apiVersion.split("/", 2) : ["", apiVersion];
  const type = group === "" ? kind : `${kind}.${group}`;
  return queryOptions({
    queryKey: ["schemas", type, version],
    queryFn: ({ signal }) =>
      get<FieldSchema>(`schemas/${encodeURIComponent(type)}?version=${encodeURIComponent(version ?? "")}`, signal),
    retry: false,
    ...forAsLong,
  });
}

/** Names to offer, of all namespaces. */
export const factsQuery = queryOptions({
  queryKey: ["config", "facts"],
  queryFn: ({ signal }) => get<ConfigFacts>("facts", signal),
});

/** @param namespace `-` for an object without one. */
export function referencesQuery(type: string, namespace: string, name: string) {
  const path = [type, namespace, name].map(encodeURIComponent).join("/");
  return queryOptions({
    queryKey: ["config", "references", type, namespace, name],
    queryFn: ({ signal }) => get<References>(`references/${path}`, signal),
  });
}

/** What the text would do; asked again when the mesh's configuration changes. */
export function draftQuery(text: string) {
  return queryOptions({
    queryKey: ["config", "draft", text],
    queryFn: ({ signal }) => post<DraftAnswer>("drafts", text, { signal }),
    placeholderData: keepPreviousData,
    enabled: text.trim() !== "",
    gcTime: 10_000,
    refetchInterval: false,
  });
}

/** How long a change is waited for until the proxies have it. */
const wait = "15s";

/** Writes the objects of a text, and waits until the proxies have them. */
export function applyText(text: string): Promise<ApplyAnswer> {
  return change(`apply?wait=${wait}`, text);
}

/** Takes the objects that a text names away, and waits until the proxies know. */
export function deleteText(text: string): Promise<ApplyAnswer> {
  return change(`delete?wait=${wait}`, text);
}

/** Puts back what a change touched, and waits until the proxies know. */
export function takeBack(id: string): Promise<ApplyAnswer> {
  return change(`changes/${encodeURIComponent(id)}/undo?wait=${wait}`, "");
}

/** Brings back one object that a change deleted, and waits until the proxies have it. */
export function restore({ change: id, type, namespace, name }: Restorable): Promise<ApplyAnswer> {
  const object = new URLSearchParams({ wait, type, namespace, name });
  return change(`changes/${encodeURIComponent(id)}/undo?${object}`, "");
}

/** One object of a change. */
export interface Restorable {
  readonly change: string;
  readonly type: string;
  readonly namespace: string;
  readonly name: string;
}

/** What was refused is told object by object, whatever the status says of the whole. */
async function change(path: string, text: string): Promise<ApplyAnswer> {
  const answer = await post<ApplyAnswer | ApiError>(path, text, { also: [403, 422, 504] });
  if ("error" in answer) throw new AnswerError(403, answer);
  return answer;
}
