import { hostMatches } from "../../../src/plan/host.ts";
import type { Case } from "./cases.ts";
import { objectsOf } from "./overlay.ts";

interface Listener {
  readonly name: string;
  readonly port: number;
  readonly tls?: { readonly mode?: string };
}

interface RouteSpec {
  readonly hostnames?: readonly string[];
  readonly parentRefs?: readonly { readonly name: string; readonly sectionName?: string; readonly port?: number }[];
  readonly rules?: readonly { readonly backendRefs?: readonly { readonly name: string }[] }[];
}

/** Where connections of a case enter. */
export interface Entrance {
  readonly port: number;
  /** A host of the route that leads on, if it has one. */
  readonly host?: string;
}

/**
 * The listeners of a Gateway (`NAMESPACE/NAME`) that lead to a backend by a case's TCPRoutes, TLSRoutes and UDPRoutes: the suite's own harness
 * reads them from the objects. `passed`: TLS is not ended at the Gateway.
 */
export function entrances({ manifests }: Case, gateway: string, backend: string, passed: boolean): readonly Entrance[] {
  const objects = manifests.flatMap(objectsOf);
  const [, name = ""] = gateway.split("/");
  const found = objects.find((o) => o.kind === "Gateway" && o.metadata.name === name)?.spec as
    | { readonly listeners?: readonly Listener[] }
    | undefined;
  const listeners = (found?.listeners ?? []).filter((l) => (l.tls?.mode === "Passthrough") === passed);
  const all = objects
    .filter((o) => /^(?:TCP|TLS|UDP)Route$/.test(o.kind))
    .map((o) => o.spec as RouteSpec)
    .filter((spec) => spec.rules?.some((rule) => rule.backendRefs?.some((b) => b.name === backend)))
    .flatMap(({ parentRefs = [], hostnames }) => {
      const own = parentRefs.filter((parent) => parent.name === name);
      return own.flatMap(({ sectionName, port }) =>
        listeners
          .filter((l) => (!sectionName || l.name === sectionName) && (!port || l.port === port))
          .filter((l) => hostnames === undefined || fits(l, hostnames))
          .map((l): Entrance => ({ port: l.port, ...(hostnames?.[0] ? { host: hostnames[0] } : {}) })),
      );
    });
  return [...new Map(all.map((e) => [`${e.port} ${e.host}`, e])).values()];
}

function fits(listener: Listener & { readonly hostname?: string }, hostnames: readonly string[]): boolean {
  const { hostname } = listener;
  return hostname === undefined || hostnames.some((host) => hostMatches(hostname, host));
}
