import { knownTypes } from "../model/kinds.ts";
import { kindOf, type Type } from "../model/resource.ts";
import { closest } from "../std/closest.ts";
import { CliError, exitCodes } from "./exit.ts";

/** kubectl's and Istio's short names. */
const shortNames: Readonly<Record<string, Type>> = {
  svc: "Service",
  sa: "ServiceAccount",
  po: "Pod",
  ns: "Namespace",
  cm: "ConfigMap",
  no: "Node",
  ep: "Endpoints",
  deploy: "Deployment.apps",
  sts: "StatefulSet.apps",
  ds: "DaemonSet.apps",
  rs: "ReplicaSet.apps",
  ing: "Ingress.networking.k8s.io",
  vs: "VirtualService.networking.istio.io",
  dr: "DestinationRule.networking.istio.io",
  gw: "Gateway.networking.istio.io",
  gateway: "Gateway.networking.istio.io",
  se: "ServiceEntry.networking.istio.io",
  we: "WorkloadEntry.networking.istio.io",
  wg: "WorkloadGroup.networking.istio.io",
  pa: "PeerAuthentication.security.istio.io",
  ra: "RequestAuthentication.security.istio.io",
  ap: "AuthorizationPolicy.security.istio.io",
  telemetry: "Telemetry.telemetry.istio.io",
  gtw: "Gateway.gateway.networking.k8s.io",
  gc: "GatewayClass.gateway.networking.k8s.io",
};

/** `virtualservices` of `VirtualService`. */
export function pluralOf(type: Type): string {
  const kind = kindOf(type).toLowerCase();
  if (/(s|x|ch|sh)$/.test(kind)) return kind === "endpoints" ? kind : `${kind}es`;
  return /[^aeiou]y$/.test(kind) ? `${kind.slice(0, -1)}ies` : `${kind}s`;
}

/**
 * The type that a word means: `vs`, `virtualservice`, `VirtualServices`, `gateways.gateway.networking.k8s.io`. `present` are the types that the mesh has; a
 * name that two groups share means the one of them that is there. Throws a usage error with a suggestion.
 */
export function parseKind(word: string, present: readonly Type[]): Type {
  const lower = word.toLowerCase();
  const short = shortNames[lower];
  if (short !== undefined) return short;
  const all = [...new Set([...present, ...knownTypes])];
  const named = all.filter((type) => namesOf(type).includes(lower));
  const found = named.find((type) => present.includes(type)) ?? named.find((t) => t.endsWith(".istio.io")) ?? named[0];
  if (found !== undefined) return found;
  const meant = closest(lower, [...all.map(pluralOf), ...all.map((t) => kindOf(t).toLowerCase())]);
  throw new CliError(
    exitCodes.usage,
    `"${word}" is no kind of object`,
    meant === undefined ? "weft get lists what there is" : `did you mean ${meant}?`,
  );
}

function namesOf(type: Type): string[] {
  const kind = kindOf(type).toLowerCase();
  const group = type.slice(kind.length).toLowerCase();
  const plural = pluralOf(type);
  return group === "" ? [kind, plural] : [kind, plural, kind + group, plural + group];
}

/** What can be written for a kind, for completion: the short names and the plural of each type. */
export function kindWords(present: readonly Type[]): string[] {
  const shorts = Object.entries(shortNames).flatMap(([word, type]) => (present.includes(type) ? [word] : []));
  return [...present.map(pluralOf), ...shorts];
}

/** `virtualservice.networking.istio.io/reviews`. */
export function objectName(object: { readonly type: Type; readonly name: string }): string {
  return `${object.type.toLowerCase()}/${object.name}`;
}
