import { keepPreviousData, queryOptions } from "@tanstack/react-query";
import type { ApplyAnswer } from "../../../../src/api/contract/apply.ts";
import type { DraftAnswer, FieldSchema, SchemaKind } from "../../../../src/api/contract/edit.ts";
import type { ApiError } from "../../../../src/api/contract/error.ts";
import type { ConfigFacts } from "../../../../src/api/contract/facts.ts";
import type { References } from "../../../../src/api/contract/references.ts";
import type { Writing } from "../../../../src/api/contract/writing.ts";
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

/** A text to write. */
export interface Draft {
  readonly text: string;
  /** What its objects said when they were seen: `TYPE/NAMESPACE/NAME@BASIS`. */
  readonly bases?: readonly string[];
  /** Fields that others manage in a cluster are taken over. */
  readonly force?: boolean;
  /** Whether it is looked at first, by a dry run: where something is to be asked, nothing is written, and the answer is that of the dry run. */
  readonly looks?: boolean;
}

/** Writes the objects of a text or takes them away, and waits until the proxies know. */
export async function writeText(
  what: "apply" | "delete",
  { text, bases = [], force = false, looks = false }: Draft,
): Promise<ApplyAnswer> {
  const query = new URLSearchParams(bases.map((basis) => ["basis", basis]));
  if (force) query.set("force", "");
  if (looks) {
    const dry = await change(`${what}?${query}&dryRun`, text);
    if (dry.objects.some((o) => o.outcome === "refused" || (o.warnings?.length ?? 0) > 0)) return dry;
  }
  return change(`${what}?${query}&wait=${wait}`, text);
}

/** Whether that change can be made here by who asks. */
export function writingQuery(what: "create" | "update" | "delete", object: Omit<Restorable, "change">) {
  const { type, namespace, name } = object;
  return queryOptions({
    queryKey: ["config", "writing", what, type, namespace, name],
    queryFn: ({ signal }) => get<Writing>(`writing?${new URLSearchParams({ what, type, namespace, name })}`, signal),
    retry: false,
  });
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
