import type { Resource } from "../../model/resource.ts";
import { types } from "../../model/types.ts";
import { listAll } from "../../track/scope.ts";
import { type Analyzer, forAll, report } from "../finding.ts";

interface Condition {
  readonly type?: string;
  readonly status?: string;
  readonly reason?: string;
  readonly message?: string;
}

interface Status {
  readonly conditions?: readonly Condition[];
  readonly parents?: readonly { readonly conditions?: readonly Condition[] }[];
}

const waypoint = ["istio.io/WaypointBound"];
const route = ["Accepted", "Programmed", "ResolvedRefs"];

/** Conditions whose being False is worth telling, by type of object. */
const watched: Readonly<Record<string, readonly string[]>> = {
  [types.Service]: waypoint,
  [types.ServiceEntry]: waypoint,
  [types.AuthorizationPolicy]: ["ZtunnelAccepted", "WaypointAccepted"],
  "Gateway.gateway.networking.k8s.io": route,
  "HTTPRoute.gateway.networking.k8s.io": route,
  "GRPCRoute.gateway.networking.k8s.io": route,
};

export const conditions: Analyzer = {
  name: "conditions.ConditionAnalyzer",
  description: "Checks for negative status conditions on resources",
  inputs: Object.keys(watched),
  codes: ["IST0171"],
  step: forAll("conditions", (scope) =>
    Object.entries(watched).flatMap(([type, names]) =>
      listAll(scope, type).flatMap((resource) =>
        conditionsOf(resource)
          .filter((condition) => isNegative(condition, names))
          .map(({ type: said = "", reason = "", message = "" }) =>
            report(resource, "IST0171", [said, reason, message], { fix: "its status says what is missing" }),
          ),
      ),
    ),
  ),
};

function isNegative({ type = "", status, reason }: Condition, names: readonly string[]): boolean {
  if (!names.includes(type)) return false;
  return status === "False" || (type === "WaypointAccepted" && reason === "PartiallyInvalid");
}

function conditionsOf(resource: Resource): readonly Condition[] {
  const status = (resource.status ?? {}) as Status;
  return [...(status.conditions ?? []), ...(status.parents ?? []).flatMap((p) => p.conditions ?? [])];
}
