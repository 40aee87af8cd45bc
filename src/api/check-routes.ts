import type { MeshActions } from "./actions.ts";
import { meshChecks } from "./checks/mesh-checks.ts";
import type { CheckAnswer } from "./contract/check.ts";
import { sendJson } from "./http/answer.ts";
import type { Route } from "./http/route.ts";
import type { Readable } from "./read-routes.ts";

/** What `weft check` asks of a mesh with an address, and the console's page of the same name. */
export function checkRoutes(mesh: Readable, { certificates }: MeshActions): Route[] {
  return [
    {
      method: "GET",
      path: "/api/v1/check",
      handle: async ({ response }) => {
        const { error } = mesh.store.state();
        const known = await certificates?.(false);
        const items = meshChecks({
          state: mesh.state,
          now: mesh.now(),
          ...(error === undefined ? {} : { historyError: error }),
          ...(known === undefined ? {} : { certificates: known }),
        });
        sendJson(response, { items } satisfies CheckAnswer);
      },
    },
  ];
}
