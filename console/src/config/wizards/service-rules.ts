import type { FactService } from "../../../../src/api/contract/facts.ts";
import type { About, Edit, Existing } from "./form.ts";

const apiVersion = "networking.istio.io/v1";

/** One of `spec.http` or `spec.tcp`, as far as wizards look. */
export interface Route {
  readonly name?: string;
  readonly match?: readonly unknown[];
  readonly route?: readonly unknown[];
  readonly [field: string]: unknown;
}

/** The service that a wizard is for. @throws where it has none: the page asks for one first. */
export function serviceOf({ service }: About): FactService {
  if (!service) throw new Error("the wizard is for a service, and none was chosen");
  return service;
}

/** How rules of its own namespace name it. */
export function hostOf({ kind, name, host }: FactService): string {
  return kind === "Service" ? name : host;
}

/** The VirtualService that is in force for the service's callers in the mesh; undefined where there is none. */
export function virtualServiceOf(about: About): Existing | undefined {
  return about.existing.find((e) => {
    const gateways = e.spec["gateways"];
    const inMesh = !Array.isArray(gateways) || gateways.length === 0 || gateways.includes("mesh");
    return e.type === "VirtualService.networking.istio.io" && inMesh;
  });
}

export function destinationRuleOf(about: About): Existing | undefined {
  return about.existing.find(
    (e) => e.type === "DestinationRule.networking.istio.io" && e.spec["workloadSelector"] === undefined,
  );
}

/** Routes that are there, in their order. */
export function routesOf(about: About, protocol: "http" | "tcp"): readonly Route[] {
  const there = virtualServiceOf(about)?.spec[protocol];
  return Array.isArray(there) ? (there as readonly Route[]) : [];
}

/** A change of the service's VirtualService, or a new one of its name. */
export function virtualServiceEdit(about: About, set: Edit["set"]): Edit {
  const service = serviceOf(about);
  const before = virtualServiceOf(about);
  const whose = before ?? { apiVersion, namespace: service.namespace, name: freeName(about, "VirtualService") };
  const hosts: Edit["set"] = before ? [] : [[["spec", "hosts"], [hostOf(service)]]];
  return { ...identity(whose), kind: "VirtualService", set: [...hosts, ...set] };
}

/** A change of the service's DestinationRule, or a new one of its name. */
export function destinationRuleEdit(about: About, set: Edit["set"]): Edit {
  const service = serviceOf(about);
  const before = destinationRuleOf(about);
  const whose = before ?? { apiVersion, namespace: service.namespace, name: freeName(about, "DestinationRule") };
  const host: Edit["set"] = before ? [] : [[["spec", "host"], hostOf(service)]];
  return { ...identity(whose), kind: "DestinationRule", set: [...host, ...set] };
}

/** The DestinationRule with a subset for each of these versions; nothing where it has them. */
export function subsetEdits(about: About, versions: readonly string[]): readonly Edit[] {
  const there = subsetsOf(about);
  const missing = [...new Set(versions)].filter((version) => subsetNamed(about, version) === undefined);
  if (missing.length === 0) return [];
  const known = serviceOf(about).versions;
  const added = missing.map((name) => ({
    name,
    labels: known.find((v) => v.name === name)?.labels ?? { version: name },
  }));
  return [
    destinationRuleEdit(about, [
      [
        ["spec", "subsets"],
        [...there, ...added],
      ],
    ]),
  ];
}

/** Name of the subset that selects a version. */
export function subsetNamed(about: About, version: string): string | undefined {
  const labels = Object.entries(serviceOf(about).versions.find((v) => v.name === version)?.labels ?? { version });
  const isOf = (subset: Subset) =>
    Object.keys(subset.labels ?? {}).length === labels.length && labels.every(([k, v]) => subset.labels?.[k] === v);
  return subsetsOf(about).find(isOf)?.name;
}

/** Where requests for a version go. */
export function destination(about: About, version: string): { readonly host: string; readonly subset?: string } {
  const host = hostOf(serviceOf(about));
  return version === "" ? { host } : { host, subset: subsetNamed(about, version) ?? version };
}

interface Subset {
  readonly name: string;
  readonly labels?: Readonly<Record<string, string>>;
}

function subsetsOf(about: About): readonly Subset[] {
  const there = destinationRuleOf(about)?.spec["subsets"];
  return Array.isArray(there) ? (there as readonly Subset[]) : [];
}

function identity({ apiVersion, namespace, name }: Pick<Existing, "apiVersion" | "namespace" | "name">) {
  return { apiVersion, namespace, name };
}

/** The service's name, unless an object that must stay as it is has it. */
function freeName(about: About, kind: string): string {
  const { name } = serviceOf(about);
  const taken = about.existing.some((e) => e.type.startsWith(`${kind}.`) && e.name === name);
  return taken ? `${name}-mesh` : name;
}
