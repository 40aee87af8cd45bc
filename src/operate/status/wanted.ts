import { crdTypes } from "../../gen/crds.ts";
import { codes } from "../../model/codes.ts";
import type { Diagnostic } from "../../model/diagnostic.ts";
import type { Ref, Resource, Type } from "../../model/resource.ts";
import { all, type Snapshot } from "../../model/snapshot.ts";
import { types } from "../../model/types.ts";
import type { Tracker } from "../../track/tracker.ts";
import { isShared, type LeadersShare } from "../revision.ts";
import { gatewayApiStatus, gatewayApiTypes } from "./gateway-api/statuses.ts";
import { ingressStatuses } from "./ingress-status.ts";
import { type Held, istioStatus } from "./istio-status.ts";
import type { Json } from "./merge.ts";
import { withCommands } from "./refused-reads.ts";

/** What the status of an object shall say. */
export interface WantedStatus {
  readonly ref: Ref;
  /** The version by which it is read; absent where no source told the object, as it was refused. */
  readonly apiVersion?: string;
  /** Of the object that was looked at; absent: the one that is there. */
  readonly generation?: number;
  readonly status: Json;
}

/** The mesh as statuses tell it. */
export interface MeshView {
  readonly snapshot: Snapshot;
  readonly tracker: Pick<Tracker, "ask">;
  readonly share: LeadersShare;
  /** By `origin.at`, how far each object is with the proxies. */
  readonly held: ReadonlyMap<string, Held>;
  /** What sources refused and analysers found. */
  readonly findings: readonly Diagnostic[];
}

const istioTypes: readonly Type[] = crdTypes().filter((type) => /\.(istio\.io|weft\.dev)$/.test(type));

/** Every status that the mesh has to say, by `type|namespace/name`. */
export function wantedStatuses(view: MeshView): ReadonlyMap<string, WantedStatus> {
  const about = Map.groupBy(
    view.findings.filter((f) => f.about !== undefined),
    (f) => keyOf(f.about as Ref),
  );
  const found = [...ofGatewayApi(view), ...ofIngresses(view), ...ofIstio(view, about)];
  return new Map(found.map((wanted) => [keyOf(wanted.ref), wanted]));
}

/** `type|namespace/name`. */
export function keyOf({ type, namespace, name }: Ref): string {
  return `${type}|${namespace}/${name}`;
}

function objects({ snapshot, share }: MeshView, type: Type): readonly Resource[] {
  return all(snapshot, type).filter(({ labels }) => isShared(share, labels));
}

function ofGatewayApi(view: MeshView): readonly WantedStatus[] {
  return gatewayApiTypes.flatMap((type) =>
    objects(view, type).flatMap((object) => {
      const status = gatewayApiStatus(view.tracker, object);
      return status === undefined ? [] : [wanted(object, withCommands(status, view.findings))];
    }),
  );
}

function ofIngresses(view: MeshView): readonly WantedStatus[] {
  const statuses = view.tracker.ask(ingressStatuses, "");
  return objects(view, types.Ingress).flatMap((object) => {
    const status = statuses.get(`${object.namespace}/${object.name}`);
    return status === undefined ? [] : [wanted(object, status)];
  });
}

/** Objects of Istio's kinds and of Weft's own, also such as no source told, because they were refused. */
function ofIstio(view: MeshView, about: ReadonlyMap<string, readonly Diagnostic[]>): readonly WantedStatus[] {
  const known = istioTypes.flatMap((type) => objects(view, type));
  const told = known.map((object) => {
    const findings = about.get(keyOf(object)) ?? [];
    const { generation: _g, ...rest } = wanted(object, istioStatus(view.held.get(object.origin.at), findings));
    // Of an object that was refused an older one is in force.
    return isRefused(findings) ? rest : { ...rest, generation: object.generation };
  });
  // Of objects that were never taken nothing is known, their revision neither.
  if (view.share === "labelled") return told;
  const keys = new Set(known.map(keyOf));
  const unknown = [...about].flatMap(([key, findings]) => {
    const ref = findings[0]?.about as Ref;
    if (keys.has(key) || !istioTypes.includes(ref.type) || !isRefused(findings)) return [];
    return [{ ref, status: istioStatus(undefined, findings) }];
  });
  return [...told, ...unknown];
}

/** Findings of single objects have these codes: such an object is not taken. */
function isRefused(findings: readonly Diagnostic[]): boolean {
  return findings.some((f) => f.level === "Error" && refusals.has(f.code));
}

const refusals: ReadonlySet<string> = new Set([
  codes.wrongType,
  codes.missingField,
  codes.notAllowed,
  codes.rule,
  codes.badRegex,
  codes.badDuration,
  codes.refused,
  codes.invalid,
]);

function wanted({ type, namespace, name, apiVersion, generation }: Resource, status: Json): WantedStatus {
  return { ref: { type, namespace, name }, apiVersion, generation, status };
}
