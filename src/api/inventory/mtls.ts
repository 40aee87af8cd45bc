import type { Resource } from "../../model/resource.ts";
import { get, list, type Snapshot } from "../../model/snapshot.ts";
import { types } from "../../model/types.ts";
import type { NamespaceItem } from "../contract/inventory.ts";

interface Spec {
  readonly selector?: { readonly matchLabels?: Readonly<Record<string, string>> };
  readonly mtls?: { readonly mode?: string };
  readonly portLevelMtls?: Readonly<Record<string, { readonly mode?: string }>>;
}

const words: Readonly<Record<string, Exclude<NamespaceItem["mtls"], "mixed">>> = {
  STRICT: "strict",
  PERMISSIVE: "permissive",
  DISABLE: "disabled",
};

/** The namespace whose objects hold for the whole mesh. */
export function rootNamespace(snapshot: Snapshot): string {
  const config = get(snapshot, { type: "MeshConfig", namespace: "", name: "istio" })?.spec;
  return (config as { readonly rootNamespace?: string } | undefined)?.rootNamespace ?? "istio-system";
}

/**
 * What workloads of a namespace take by its PeerAuthentication, else by the mesh's, else permissive; `mixed` where an object for some of them says otherwise.
 * Source: istio.io/latest/docs/reference/config/security/peer_authentication
 */
export function namespaceMtls(snapshot: Snapshot, namespace: string): NamespaceItem["mtls"] {
  const own = list(snapshot, types.PeerAuthentication, namespace);
  const mode = modeOf(oldest(own.filter(coversAll))) ?? meshMtls(snapshot);
  const others = own.filter((one) => !coversAll(one)).flatMap(modesOf);
  return others.every((other) => other === mode) ? mode : "mixed";
}

/** What the mesh's own PeerAuthentication says; permissive without one. */
export function meshMtls(snapshot: Snapshot): Exclude<NamespaceItem["mtls"], "mixed"> {
  const ofMesh = list(snapshot, types.PeerAuthentication, rootNamespace(snapshot)).filter(coversAll);
  return modeOf(oldest(ofMesh)) ?? "permissive";
}

function coversAll({ spec }: Resource): boolean {
  return Object.keys((spec as Spec).selector?.matchLabels ?? {}).length === 0;
}

function modesOf({ spec }: Resource): string[] {
  const { mtls, portLevelMtls = {} } = spec as Spec;
  return [mtls, ...Object.values(portLevelMtls)].flatMap((one) => words[one?.mode ?? ""] ?? []);
}

function modeOf(object: Resource | undefined) {
  return object === undefined ? undefined : words[(object.spec as Spec).mtls?.mode ?? ""];
}

function oldest(objects: readonly Resource[]): Resource | undefined {
  return objects.reduce<Resource | undefined>(
    (a, b) => (a === undefined || b.createdAt < a.createdAt ? b : a),
    undefined,
  );
}
