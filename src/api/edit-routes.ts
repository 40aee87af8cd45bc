import type { Editing } from "./editing.ts";
import { Refusal, readBody, sendJson } from "./http/answer.ts";
import type { Call, Route } from "./http/route.ts";

/** Bytes of a draft. */
const draftLimit = 1024 * 1024;

/** What an editor of configuration asks beside the lists. */
export function editRoutes({ editing }: { readonly editing: Editing | undefined }): Route[] {
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
      handle: async ({ request, response }) => {
        const editor = need(editing);
        sendJson(response, editor.draft(await readBody(request, draftLimit)));
      },
    },
    get("facts", (editor, { query }) =>
      editor.facts(new Set((query.get("namespaces") ?? "").split(",").filter((n) => n !== ""))),
    ),
    get("references/{type}/{namespace}/{name}", (editor, { params }) => {
      const { type = "", namespace = "", name = "" } = params;
      const found = editor.references({ type, namespace: namespace === "-" ? "" : namespace, name });
      if (found) return found;
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

function need(editing: Editing | undefined): Editing {
  if (editing === undefined) throw new Refusal(501, "this control plane does not look at drafts");
  return editing;
}
