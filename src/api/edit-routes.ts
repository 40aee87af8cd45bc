import { draftSeen, factsSeen, isSeen, referencesSeen } from "./edit-sight.ts";
import type { Editing } from "./editing.ts";
import { Refusal, readBody, sendJson } from "./http/answer.ts";
import type { Call, Route } from "./http/route.ts";
import type { Sight } from "./who/caller.ts";

/** Bytes of a draft. */
const draftLimit = 1024 * 1024;

export interface Editable {
  readonly editing: Editing | undefined;
  /** The namespaces that are told of. */
  readonly sight: Sight;
}

/** What an editor of configuration asks beside the lists. */
export function editRoutes({ editing, sight }: Editable): Route[] {
  const get = (path: string, answer: (editing: Editing, call: Call) => unknown): Route => ({
    method: "GET",
    path: `/api/v1/${path}`,
    needs: "sight",
    handle: (call) => sendJson(call.response, answer(need(editing), call)),
  });
  return [
    {
      method: "POST",
      path: "/api/v1/drafts",
      reads: true,
      needs: "sight",
      handle: async ({ request, response }) => {
        const answer = need(editing).draft(await readBody(request, draftLimit));
        const shut = answer.objects.find(({ namespace }) => !isSeen(sight, namespace));
        if (shut) throw new Refusal(403, `namespace ${shut.namespace} is not among those that you may see`);
        sendJson(response, draftSeen(answer, sight));
      },
    },
    get("facts", (editor, { query }) => factsSeen(editor.facts(namespacesOf(query, sight)), sight)),
    get("references/{type}/{namespace}/{name}", (editor, { params }) => {
      const { type = "", namespace = "", name = "" } = params;
      const ref = { type, namespace: namespace === "-" ? "" : namespace, name };
      const found = isSeen(sight, ref.namespace) ? editor.references(ref) : undefined;
      if (found) return referencesSeen(found, sight);
      throw new Refusal(404, `there is no ${type} ${name}`, "weft get lists what there is");
    }),
    get("schemas", (editor) => editor.schemas()),
    get("schemas/{type}", (editor, { params, query }) => {
      const found = editor.schema(params["type"] ?? "", query.get("version") ?? undefined);
      if (found) return found;
      throw new Refusal(404, `${params["type"]} has no schema here`, "GET /api/v1/schemas lists those that have one");
    }),
  ];
}

/** Those that were asked for, else all that may be seen; none: all there are. */
function namespacesOf(query: URLSearchParams, sight: Sight): ReadonlySet<string> {
  const asked = (query.get("namespaces") ?? "").split(",").filter((name) => name !== "" && isSeen(sight, name));
  return asked.length > 0 || sight === "all" ? new Set(asked) : sight;
}

function need(editing: Editing | undefined): Editing {
  if (editing === undefined) throw new Refusal(501, "this control plane does not look at drafts");
  return editing;
}
