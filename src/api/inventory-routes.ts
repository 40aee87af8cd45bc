import { domainOf } from "./domain.ts";
import { sendJson } from "./http/answer.ts";
import type { Call, Route } from "./http/route.ts";
import { numberOf } from "./http/route.ts";
import { applicationsOf } from "./inventory/applications.ts";
import { externalsOf } from "./inventory/externals.ts";
import { gatewaysOf } from "./inventory/gateways.ts";
import { infrastructureOf } from "./inventory/infrastructure.ts";
import { namespacesOf } from "./inventory/namespaces.ts";
import { overviewOf } from "./inventory/overview.ts";
import { servicesOf } from "./inventory/services.ts";
import type { Readable } from "./read-routes.ts";
import { rosterOf } from "./roster.ts";
import type { View } from "./who/views.ts";

const day = 24 * 60 * 60;

/** The lists of what there is, each with how it is: `?window=` seconds back from now, a minute by default. */
export function inventoryRoutes(mesh: Readable & Pick<View, "history">): Route[] {
  const { state } = mesh;
  const edges = ({ query }: Call) => {
    const window = numberOf(query, "window", { min: 1, max: day, fallback: 60 });
    return mesh.traffic.edges(mesh.now(), window, true);
  };
  const get = (path: string, answer: (call: Call) => unknown): Route => ({
    method: "GET",
    path: `/api/v1/${path}`,
    needs: "sight",
    handle: async (call) => sendJson(call.response, await answer(call)),
  });
  return [
    get("overview", async (call) => {
      const namespaces = new Set((call.query.get("namespaces") ?? "").split(",").filter((n) => n !== ""));
      return overviewOf(state, rosterOf(state), await edges(call), { at: mesh.now(), namespaces });
    }),
    {
      method: "GET",
      path: "/api/v1/infrastructure",
      handle: async (call) => {
        const history = mesh.history === mesh.store ? ("store" as const) : ("external" as const);
        const telemetry = { store: mesh.store.state(), history };
        sendJson(call.response, infrastructureOf(state, rosterOf(state), await edges(call), telemetry));
      },
    },
    get("namespaces", async (call) => namespacesOf(state, rosterOf(state), await edges(call))),
    get("services", async (call) => servicesOf(state.snapshot(), rosterOf(state), await edges(call), domainOf(state))),
    get("applications", async (call) => applicationsOf(rosterOf(state), await edges(call))),
    get("gateways", async (call) => gatewaysOf(state.snapshot(), rosterOf(state), await edges(call))),
    get("externals", async (call) => externalsOf(state.snapshot(), await edges(call))),
  ];
}
