import type { ServerResponse } from "node:http";
import type { TapEvent, TapRequest } from "../../src/api/contract/tap.ts";

const identity = (account: string) => `spiffe://cluster.local/ns/default/sa/bookinfo-${account}`;
const to = (app: string, version: string) => ({
  namespace: "default",
  workload: `${app}-${version}`,
  app,
  pod: `${app}-${version}-0`,
});
const base: Omit<TapRequest, "at" | "source" | "destination"> = {
  ...{ port: 9080, protocol: "http", mtls: true, verdict: "allowed", method: "GET", version: "HTTP/2", code: 200 },
  ...{ requestBytes: 0, responseBytes: 477, flags: [], details: "via_upstream", userAgent: "curl/8.5" },
};

/** Requests as a mesh under load tells them, the last one first. */
function requests(at: number): readonly TapRequest[] {
  const page = { identity: identity("productpage"), workload: "default/productpage-v1", address: "10.0.0.7" };
  const reviews = { identity: identity("reviews"), workload: "default/reviews-v2", address: "10.0.0.9" };
  return [
    {
      ...base,
      at,
      source: page,
      destination: to("reviews", "v2"),
      path: "/reviews/0",
      host: "reviews:9080",
      durationMs: 12.4,
    },
    {
      ...base,
      at: at - 40,
      source: page,
      destination: to("details", "v1"),
      path: "/details/0",
      host: "details:9080",
      durationMs: 1.8,
      query: ["token"],
    },
    {
      ...base,
      ...{ at: at - 90, source: reviews, destination: to("ratings", "v1"), path: "/ratings/0", host: "ratings:9080" },
      ...{ durationMs: 0.4, code: 403, verdict: "denied", responseBytes: 19 },
      details: "rbac_access_denied_matched_policy[none]",
    },
    {
      ...base,
      ...{ at: at - 700, source: page, destination: to("reviews", "v3"), path: "/reviews/1", host: "reviews:9080" },
      ...{ durationMs: 2003, code: 503, flags: ["UF"], failure: "connection refused" },
      details: "upstream_reset_before_response_started",
    },
    {
      ...base,
      ...{ at: at - 900, source: page, destination: to("ratings", "v1"), path: "/admin", method: "POST", code: 403 },
      ...{ verdict: "denied", policy: { namespace: "default", name: "no-admin", rule: 0, at: "policies.yaml:7:5" } },
    },
  ];
}

/** The stream of `GET /api/v1/tap`; what is asked for counts by workload and verdict alone. */
export function followTap(response: ServerResponse, query: URLSearchParams, at: number): void {
  response.writeHead(200, { "content-type": "text/event-stream", "cache-control": "no-store" });
  const send = (event: TapEvent) => response.write(`data: ${JSON.stringify(event)}\n\n`);
  send({ kind: "state", state: { proxies: 6, share: 1, skipped: 0 } });
  const [workload, verdict] = [query.get("workload"), query.get("verdict")];
  for (const request of requests(at)) {
    const { destination: d } = request;
    if (workload !== null && d.app !== workload && d.workload !== workload) continue;
    if (verdict !== null && request.verdict !== verdict) continue;
    send({ kind: "request", request });
  }
}
