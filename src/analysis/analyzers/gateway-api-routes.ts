import type { FieldPath } from "../../model/origin.ts";
import { kindOf, type Ref, type Resource } from "../../model/resource.ts";
import { types } from "../../model/types.ts";
import { isMeshRouteGroup, meshRouteGroups } from "../../plan/gateway-api/mesh-routes.ts";
import { routeStatus, routeStatusKey } from "../../plan/gateway-api/route-status.ts";
import { virtualServiceIndex } from "../../plan/route/selection.ts";
import type { Scope } from "../../track/scope.ts";
import { type Analyzer, type Finding, forAll, forEach, ownReport } from "../finding.ts";

const routeTypes = [types.HttpRoute, types.GrpcRoute, types.TlsRoute, types.TcpRoute, types.UdpRoute];

const ofTypes = routeTypes.map((type) => forEach(`gatewayApiRoutes/${kindOf(type)}`, type, ofRoute));
const shared = forAll("gatewayApiConflicts", conflicts);

export const gatewayApiRoutes: Analyzer = {
  name: "gatewayapi.RouteAnalyzer",
  description: "Checks what becomes of Gateway API's routes at their parents",
  inputs: [...routeTypes, types.Service, types.ServiceEntry, types.VirtualService, types.ReferenceGrant],
  codes: ["WEFT0101", "WEFT0102", "WEFT0103", "WEFT0104"],
  also: ["KIA1401", "KIA1402"],
  step: forAll("gatewayApiRoutes", (scope) => [...ofTypes, shared].flatMap((step) => scope.ask(step, ""))),
};

function ofRoute(scope: Scope, route: Resource): readonly Finding[] {
  const said = (route.spec as { readonly parentRefs?: readonly unknown[] }).parentRefs ?? [];
  if (said.length === 0) return [ownReport(route, "WEFT0101", `${kindOf(route.type)} names no parent`, ["spec"])];
  const parents = scope.ask(routeStatus, routeStatusKey(route));
  const refused = parents.flatMap(({ parent, index, notAccepted, idle }) => {
    const why = notAccepted ?? idle;
    if (why === undefined) return [];
    const { reason, message } = why;
    const at: FieldPath = ["spec", "parentRefs", index];
    return [
      ownReport(
        route,
        "WEFT0101",
        `${kindOf(route.type)} does not hold at ${named(parent)}: ${message} (${reason})`,
        at,
        parent.type === types.KubernetesGateway ? "KIA1401" : undefined,
      ),
    ];
  });
  // A route says the same to all its parents, but for grants.
  const faults = new Map(
    parents
      .filter((p) => p.notAccepted === undefined && p.idle === undefined)
      .flatMap((p) => p.faults.map((f) => [`${f.path.join()}${f.message}`, f] as const)),
  );
  const told = [...faults.values()].map(({ condition, reason, message, path }) =>
    condition === "ResolvedRefs"
      ? ownReport(route, "WEFT0102", `${message} (${reason})`, path, "KIA1402")
      : ownReport(route, "WEFT0103", `${message} (${reason})`, path),
  );
  return [...refused, ...told];
}

function named({ type, namespace, name }: Ref): string {
  return `${kindOf(type)} ${namespace}/${name}`;
}

/** Hosts that both routes and VirtualServices are for. */
function conflicts(scope: Scope): readonly Finding[] {
  const { exact } = scope.ask(virtualServiceIndex, "");
  const hosts = new Set(scope.ask(meshRouteGroups, "").map((group) => group.host));
  return [...hosts].flatMap((host) => {
    const others = (exact.get(host) ?? []).filter((entry) => !isMeshRouteGroup(entry.key));
    return others.map(({ key }) => {
      const slash = key.indexOf("/");
      const about = { type: types.VirtualService, namespace: key.slice(0, slash), name: key.slice(slash + 1) };
      return ownReport(
        about,
        "WEFT0104",
        `routes of Gateway API are for ${host} too: of both only one holds for a client`,
        ["spec", "hosts"],
      );
    });
  });
}
