import type { Scope, Step } from "../../track/scope.ts";
import { meshL4Routes } from "../gateway-api/mesh-l4.ts";
import { isMeshRouteGroup } from "../gateway-api/mesh-routes.ts";
import { viewerOf } from "../view.ts";
import { parseOutboundKey } from "./names.ts";
import { reach } from "./reach.ts";
import { virtualServiceRules } from "./rules.ts";
import { virtualServicesFor } from "./selection.ts";
import { type L4Routes, type TcpContext, tcpRoutes, tlsRoutes } from "./tcp-routes.ts";

/** Of the strongest VirtualService or group of routes that has such routes for this client and port; empty when none has. Key: `outboundKey`. */
export const outboundL4Routes: Step<L4Routes> = {
  name: "plan/outboundL4Routes",
  run: (scope, key) => {
    const { port, host, view } = parseOutboundKey(key);
    const context: TcpContext = {
      gateways: ["mesh"],
      port,
      source: view,
      clusterOf: (destination) => reach(scope, view, destination, port).cluster,
      byNameOf: (destination) => reach(scope, view, destination, port).byName,
    };
    for (const candidate of scope.ask(virtualServicesFor, `${viewerOf(view)}|${host}`)) {
      const found = isMeshRouteGroup(candidate)
        ? meshL4Routes(scope, candidate, context)
        : virtualServiceL4Routes(scope, candidate, context);
      if (found.tcp.length + found.tls.length > 0) return found;
    }
    return { tcp: [], tls: [], origins: [] };
  },
};

function virtualServiceL4Routes(scope: Scope, key: string, context: TcpContext): L4Routes {
  const rules = scope.ask(virtualServiceRules, key);
  if (rules === undefined) return { tcp: [], tls: [], origins: [] };
  return { tcp: tcpRoutes(rules, context), tls: tlsRoutes(rules, context), origins: rules.origins };
}
