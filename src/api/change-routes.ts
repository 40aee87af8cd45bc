import type { Ref } from "../model/resource.ts";
import type { MeshActions } from "./actions.ts";
import type { Controllable } from "./cli-routes.ts";
import { isSeen } from "./edit-sight.ts";
import { Refusal, sendJson } from "./http/answer.ts";
import { type Call, durationOf, type Route } from "./http/route.ts";
import { waitForProxies } from "./wait.ts";
import { permitOf } from "./who/admit.ts";
import type { Sight } from "./who/caller.ts";

/** What was changed through this control plane, and how it is taken back. */
export function changeRoutes(mesh: Controllable & { readonly sight: Sight }): Route[] {
  const { actions, sight } = mesh;
  const seen = () => (actions.changes?.() ?? []).filter((c) => c.objects.every((o) => isSeen(sight, o.namespace)));
  return [
    {
      method: "GET",
      path: "/api/v1/changes",
      needs: "sight",
      handle: ({ response }) => sendJson(response, seen()),
    },
    {
      method: "GET",
      path: "/api/v1/deleted",
      needs: "sight",
      handle: ({ response }) =>
        sendJson(
          response,
          (actions.deleted?.() ?? []).filter((o) => isSeen(sight, o.namespace)),
        ),
    },
    {
      method: "POST",
      path: "/api/v1/changes/{id}/undo",
      needs: "change",
      handle: (call) => undoAnswer(mesh, actions.takeBack, call),
    },
  ];
}

async function undoAnswer(mesh: Controllable, takeBack: MeshActions["takeBack"], call: Call): Promise<void> {
  const { params, query, response, caller, note } = call;
  if (takeBack === undefined) throw new Refusal(501, "this control plane does not offer taking changes back");
  const wait = durationOf(query, "wait", 30_000);
  const taken = await takeBack(params["id"] ?? "", permitOf(caller), objectIn(query), caller);
  if (taken === undefined)
    throw new Refusal(404, "that change is not kept any more", "apply the object as it shall be: weft apply -f FILE");
  if ("forbidden" in taken) throw new Refusal(403, taken.forbidden, "ask whoever runs this mesh for the right");
  if ("conflict" in taken) throw new Refusal(409, taken.conflict, "look at the object, and change it by hand");
  for (const { name, namespace, outcome } of taken.objects) note(`${namespace}/${name}: ${outcome} (taken back)`);
  if (wait === undefined) return sendJson(response, { dryRun: false, objects: taken.objects });
  const { late, ...told } = await waitForProxies(mesh, wait, response);
  sendJson(response, { dryRun: false, objects: taken.objects, wait: told }, late ? 504 : 200);
}

/** The one object that is meant; undefined: all that the change touched. */
function objectIn(query: Call["query"]): Ref | undefined {
  const [type, namespace, name] = ["type", "namespace", "name"].map((part) => query.get(part));
  return type == null || name == null ? undefined : { type, namespace: namespace ?? "", name };
}
