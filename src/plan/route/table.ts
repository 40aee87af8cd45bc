import type { FieldPath } from "../../model/origin.ts";
import type { Ref } from "../../model/resource.ts";
import type { Cors } from "./cors.ts";
import type { WeightedDestination } from "./destination.ts";
import type { DirectResponse } from "./direct-response.ts";
import type { Fault } from "./fault.ts";
import type { HashPolicy } from "./hash-policy.ts";
import type { HeaderChanges } from "./headers.ts";
import type { RouteMatch } from "./match.ts";
import type { Mirror } from "./mirror.ts";
import type { Redirect } from "./redirect.ts";
import type { Retry } from "./retry.ts";
import type { Rewrite } from "./rewrite.ts";
import type { Session } from "./session.ts";

/** Where requests of one service port go, or of all that belong to none (the catch-all). Plain data. */
export interface RouteTable {
  /** `9080|reviews.default.svc.cluster.local`; the catch-all of a port is `9080|*`. */
  readonly name: string;
  readonly virtualHosts: readonly VirtualHost[];
  /** The host that a sidecar's second look finds it by; absent for the catch-all and at gateways. */
  readonly scope?: string;
  /** Domains are told apart by their ports too. */
  readonly byPort?: true;
  /** `resource.origin.at` of the objects it came from. */
  readonly origins: readonly string[];
}

export interface VirtualHost {
  /** `reviews.default.svc.cluster.local:9080`, as Istio names it. */
  readonly name: string;
  /** Hosts without a port; `*` is any. */
  readonly domains: readonly string[];
  /** The first that matches counts. */
  readonly routes: readonly HttpRoute[];
  /** Plain HTTP is redirected to https. */
  readonly requireTls?: boolean;
  /** The port on which clients are told to find the host by HTTP/3. */
  readonly http3?: number;
}

/** One way a request may go. */
export interface HttpRoute {
  /** `http[].name` and `match[].name`, joined by a dot; `default` without a VirtualService. */
  readonly name: string;
  readonly match: RouteMatch;
  readonly action: Forward | Redirect | DirectResponse;
  readonly headers?: HeaderChanges;
  readonly fault?: Fault;
  readonly cors?: Cors;
  /** Istio's word for where it leads whom the mesh does not know: `PassthroughCluster`. Telemetry names such requests by their Host. */
  readonly outside?: string;
  /** Name of the route's own statistics. */
  readonly statPrefix?: string;
  /** What a trace calls it: `reviews.default.svc.cluster.local:9080/*`. */
  readonly operation: string;
  /** What it was written as; the rim turns it into file:line. Absent for what the mesh makes up itself. */
  readonly origin?: RouteOrigin;
}

export interface RouteOrigin {
  readonly ref: Ref;
  readonly path: FieldPath;
}

/** The request goes on to a service. */
export interface Forward {
  readonly kind: "forward";
  /** At least one; several are chosen from by weight. */
  readonly destinations: readonly WeightedDestination[];
  /** Milliseconds for the whole request with its retries; 0 is none. */
  readonly timeoutMs: number;
  /** Absent: none. */
  readonly retry?: Retry;
  /** Instead, for methods that may be sent twice. */
  readonly idempotentRetry?: Retry;
  readonly rewrite?: Rewrite;
  readonly mirrors: readonly Mirror[];
  readonly hash: readonly HashPolicy[];
  readonly session?: Session;
}
