import type { ServiceEntrySpec } from "../../gen/istio/service-entry.ts";
import { formatRef, type Resource } from "../../model/resource.ts";
import { types } from "../../model/types.ts";
import { mesh } from "../../plan/mesh.ts";
import { listAll, type Step } from "../../track/scope.ts";
import { type Analyzer, type Finding, forEach, kialiReport } from "../finding.ts";

interface Use {
  readonly key: string;
  readonly ref: string;
  readonly protocol: string;
  readonly viewers: readonly string[];
}

/** Host and port → the ServiceEntries that define both. Key: none. */
const usesByPort: Step<ReadonlyMap<string, readonly Use[]>> = {
  name: "analysis/serviceEntriesByPort",
  run: (scope) => {
    const { defaultServiceExportTo } = scope.ask(mesh, "");
    const found = new Map<string, Use[]>();
    for (const entry of listAll<ServiceEntrySpec>(scope, types.ServiceEntry)) {
      const exported = entry.spec.exportTo?.length ? entry.spec.exportTo : defaultServiceExportTo;
      const viewers = exported.map((ns) => (ns === "." ? entry.namespace : ns));
      const ref = `${formatRef(entry)} (${entry.origin.at})`;
      for (const { key, protocol } of portsOf(entry)) {
        const use = { key: `${entry.namespace}/${entry.name}`, ref, protocol, viewers };
        found.set(key, [...(found.get(key) ?? []), use]);
      }
    }
    return found;
  },
};

function portsOf({ spec }: Resource<ServiceEntrySpec>) {
  return (spec.ports ?? []).flatMap((port, index) =>
    (spec.hosts ?? []).map((host) => ({
      index,
      host,
      number: port.number,
      protocol: (port.protocol ?? "").toUpperCase(),
      key: `${host.toLowerCase()}|${port.number}`,
    })),
  );
}

/** Those that disagree on the protocol are Istio's IST0177. */
export const serviceEntryOverlaps: Analyzer = {
  name: "serviceentry.OverlapAnalyzer",
  description: "Checks that no two ServiceEntries define the same host and port",
  inputs: [types.ServiceEntry],
  codes: ["KIA1211"],
  step: forEach<ServiceEntrySpec>("serviceEntryOverlaps", types.ServiceEntry, (scope, entry) => {
    const own = `${entry.namespace}/${entry.name}`;
    const told = new Set<number>();
    return portsOf(entry).flatMap(({ key, index, host, number, protocol }): readonly Finding[] => {
      const all = scope.ask(usesByPort, "").get(key) ?? [];
      const viewers = all.find((use) => use.key === own)?.viewers ?? [];
      const others = all.filter((use) => use.key !== own && use.protocol === protocol && meet(use.viewers, viewers));
      if (others.length === 0 || told.has(index)) return [];
      told.add(index);
      const detail = `${host}:${number} is defined by ${others.map((use) => use.ref).join(" and ")}, too`;
      return [kialiReport(entry, "KIA1211", detail, ["spec", "ports", index], "make them one")];
    });
  }),
};

function meet(a: readonly string[], b: readonly string[]): boolean {
  return a.some((viewer) => viewer === "*" || b.includes("*") || b.includes(viewer));
}
