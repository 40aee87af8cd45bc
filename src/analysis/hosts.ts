import { fullHost } from "../model/full-host.ts";
import { hostMatches } from "../plan/host.ts";
import { mesh } from "../plan/mesh.ts";
import { serviceIndex } from "../plan/registry/service-index.ts";
import { exportedTo } from "../plan/registry/visibility.ts";
import type { Service } from "../plan/service.ts";
import { closest } from "../std/closest.ts";
import type { Scope, Step } from "../track/scope.ts";

/** What analysers need to know of a host's service. */
export interface KnownHost {
  readonly host: string;
  readonly namespace: string;
  readonly exportTo: readonly string[];
  readonly ports: readonly number[];
  /** Labels that select its endpoints, where it selects. */
  readonly selector?: Readonly<Record<string, string>>;
  readonly kind: Service["kind"];
}

/** Every host that the mesh knows; without what routes do not depend on, so that a Service's other edits stop here. Key: none. */
export const knownHosts: Step<ReadonlyMap<string, readonly KnownHost[]>> = {
  name: "analysis/knownHosts",
  run: (scope) =>
    new Map(
      [...scope.ask(serviceIndex, "")].map(([host, services]) => [
        host,
        services.map(({ namespace, exportTo, ports, selector, kind }) => ({
          host,
          namespace,
          exportTo,
          ports: ports.map((p) => p.number),
          kind,
          ...(selector === undefined ? {} : { selector }),
        })),
      ]),
    ),
};

/** The service that a host means in an object of a namespace that is exported there; undefined where nobody there knows one. */
export function findHost(
  scope: Scope,
  namespace: string,
  exportTo: readonly string[] | undefined,
  host: string,
): KnownHost | undefined {
  const known = scope.ask(knownHosts, "");
  const { domain } = scope.ask(mesh, "");
  const full = fullHost(host, namespace, domain).toLowerCase();
  const viewers =
    exportTo === undefined || exportTo.length === 0 ? [namespace] : exportTo.map((ns) => (ns === "." ? namespace : ns));
  const seen = (service: KnownHost) =>
    viewers.some((viewer) => exportedTo(service.exportTo, service.namespace, viewer));
  const exact = known.get(full)?.find(seen);
  if (exact !== undefined || full === "") return exact;
  for (const [pattern, services] of known) {
    if (!pattern.startsWith("*") || !hostMatches(pattern, full.replace(/^\*/, ""))) continue;
    const found = services.find((s) => exportedTo(s.exportTo, s.namespace, namespace));
    if (found !== undefined) return found;
  }
  return undefined;
}

/** How to mend a host that nobody knows: the name that was probably meant, or what to add. */
export function hostFix(scope: Scope, namespace: string, host: string): string {
  if (host === "") return "name a service";
  const known = scope.ask(knownHosts, "");
  const { domain } = scope.ask(mesh, "");
  const suffix = `.${namespace}.svc.${domain}`;
  const hidden = known.get(fullHost(host, namespace, domain).toLowerCase())?.[0];
  if (hidden !== undefined) return `it is there, but not exported to namespace ${namespace}: see its exportTo`;
  const names = [...known.keys()].map((name) =>
    !host.includes(".") && name.endsWith(suffix) ? name.slice(0, -suffix.length) : name,
  );
  const meant = closest(host, names);
  if (meant !== undefined) return `did you mean "${meant}"?`;
  return host.includes(".")
    ? "add a Service or a ServiceEntry for it"
    : `add a Service of this name to namespace ${namespace}`;
}
