import type { MeshActions } from "./actions.ts";
import type { Writing } from "./contract/writing.ts";
import { isSeen } from "./edit-sight.ts";
import { Refusal, sendJson } from "./http/answer.ts";
import type { Call, Route } from "./http/route.ts";
import { answered, wordsOf } from "./who/admit.ts";
import type { Change, Sight } from "./who/caller.ts";

const changes = ["create", "update", "delete"] as const;

/** Whether somebody can change something here, before they begin. */
export function writingRoutes({ actions, sight }: { readonly actions: MeshActions; readonly sight: Sight }): Route[] {
  return [
    {
      method: "GET",
      path: "/api/v1/writing",
      needs: "sight",
      handle: async (call) => sendJson(call.response, await writingOf(actions, sight, call)),
    },
  ];
}

async function writingOf(actions: MeshActions, sight: Sight, { query, caller }: Call): Promise<Writing> {
  const change = changeIn(query);
  const as = caller.name;
  if (caller.how === "machine") return { allowed: false, as, why: "Nobody has logged in here: log in to change it." };
  if (!isSeen(sight, change.namespace)) return { allowed: false, as, why: `${as} may not see ${change.namespace}.` };
  const cannot = await actions.cannotWrite?.(caller);
  if (cannot !== undefined) return { allowed: false, as, why: `${cannot}.` };
  if (await answered(caller.rights.may(change))) return { allowed: true, as };
  return { allowed: false, as, why: `${as} may not ${wordsOf(change)}.` };
}

function changeIn(query: URLSearchParams): Change {
  const need = (name: string) => query.get(name) ?? "";
  const what = changes.find((one) => one === query.get("what"));
  if (what === undefined || need("type") === "")
    throw new Refusal(400, "which change is missing", `add ?what=${changes.join("|")}&type=&namespace=&name=`);
  return { what, type: need("type"), namespace: need("namespace"), name: need("name") };
}
