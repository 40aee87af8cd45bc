import type { Ref, Resource } from "../../model/resource.ts";
import type { Step } from "../../track/scope.ts";
import type { Telemetered } from "./rules.ts";

/** Somebody who watches requests as they pass. It has no kind of its own in Istio: who takes the records tells of it as an object. */
const tapType = "Tap.weft.dev";

export function tapRef(id: string): Ref {
  return { type: tapType, namespace: "", name: id };
}

/** Which requests are told, of which workloads. */
export interface TapSpec {
  /** Namespaces of the workloads; none: all. */
  readonly namespaces: readonly string[];
  /** Labels that all of the workloads have. */
  readonly labels: Readonly<Record<string, string>>;
  readonly request: TapRequest;
  /** How many of a million requests are told. */
  readonly perMillion: number;
}

/** What a request must have, all of it; `*` stands for any text. */
export interface TapRequest {
  readonly methods: readonly string[];
  /** Without the query. */
  readonly path?: string;
  readonly host?: string;
  /** A header without a value must be there. */
  readonly headers: readonly { readonly name: string; readonly value?: string }[];
}

export type TapPlan = Pick<TapSpec, "request" | "perMillion"> & { readonly id: string };

/** Taps of a workload or gateway, by their ids. Key: JSON of `Telemetered`. */
export const taps: Step<readonly TapPlan[]> = {
  name: "plan/taps",
  run: (scope, key) => {
    const workload = JSON.parse(key) as Telemetered;
    return scope
      .list<TapSpec>(tapType, "")
      .filter(({ spec }) => isOf(spec, workload))
      .toSorted((a, b) => (a.name < b.name ? -1 : 1))
      .map(({ name, spec: { request, perMillion } }) => ({ id: name, request, perMillion }));
  },
};

function isOf({ namespaces, labels }: TapSpec, workload: Telemetered): boolean {
  return (
    (namespaces.length === 0 || namespaces.includes(workload.namespace)) &&
    Object.entries(labels).every(([key, value]) => workload.labels[key] === value)
  );
}

/** A tap as the object that the snapshot has. */
export function tapObject(id: string, spec: TapSpec, generation: number): Resource<TapSpec> {
  const position = { file: "", line: 1, column: 1 };
  return {
    ...tapRef(id),
    ...{ apiVersion: "weft.dev/v1", labels: {}, annotations: {}, createdAt: 0, generation, spec },
    origin: { ...position, at: "", locate: () => position },
  };
}
