import type { Observed } from "../model/observed.ts";
import type { KeptRequests } from "./contract/requests.ts";
import { Refusal, sendJson } from "./http/answer.ts";
import { type Call, numberOf, type Route } from "./http/route.ts";
import type { MeshState } from "./state.ts";
import { fits, tapFilterOf } from "./tap-filter.ts";
import { requestOf } from "./tap-routes.ts";

/** Requests that are kept, the latest first. */
export type SearchRequests = (query: {
  readonly from: number;
  readonly to: number;
  readonly limit: number;
  readonly fits: (seen: Observed) => boolean;
}) => readonly Observed[] | Promise<readonly Observed[]>;

const day = 24 * 60 * 60_000;
const mostRequests = 1000;

export function requestsRoutes(mesh: {
  readonly state: MeshState;
  readonly requests: SearchRequests | undefined;
  readonly now: () => number;
}): Route[] {
  return [{ method: "GET", path: "/api/v1/requests", needs: "sight", handle: (call) => requestsAnswer(mesh, call) }];
}

async function requestsAnswer(
  { state, requests, now }: Parameters<typeof requestsRoutes>[0],
  { query, response }: Pick<Call, "query" | "response">,
): Promise<void> {
  if (requests === undefined) throw new Refusal(501, "this control plane does not keep requests");
  const asked = new URLSearchParams(query);
  asked.delete("limit");
  const filter = tapFilterOf(asked);
  if (filter.headers.length > 0) throw new Refusal(400, "header: headers are not kept", "watch requests as they come");
  const to = numberOf(query, "to", { min: 0, max: now() + day, fallback: now() });
  const window = numberOf(query, "window", { min: 1, max: 7 * day, fallback: day });
  const from = numberOf(query, "from", { min: 0, max: to, fallback: Math.max(0, to - window) });
  const limit = numberOf(query, "limit", { min: 1, max: mostRequests, fallback: 200 });
  const snapshot = state.snapshot();
  const found = await requests({ from, to, limit, fits: (seen) => fits(filter, seen) });
  sendJson(response, { from, to, requests: found.map((seen) => requestOf(seen, snapshot)) } satisfies KeptRequests);
}
