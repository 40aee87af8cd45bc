import { type Ask, appliedBy, fieldManager, find } from "./apply.ts";
import { inTurns } from "./in-turns.ts";
import { type Kinds, pathOf } from "./kinds.ts";
import type { KubeObject } from "./object.ts";
import { helmRelease, labelled, listOf, ourRelease } from "./owned.ts";

/** Everything of a mesh that a cluster has. */
export interface Present {
  /** What installations consist of, by revision; Helm's, too. */
  readonly revisions: ReadonlyMap<string, readonly KubeObject[]>;
  /** What all revisions share, and webhooks of tags. */
  readonly shared: readonly KubeObject[];
  /** What the control plane made for itself: its CA's Secret, its Lease, and the root certificate in each namespace. */
  readonly made: readonly KubeObject[];
  /** The definitions that the charts have, as the cluster has them. */
  readonly definitions: readonly KubeObject[];
  /** Objects of those kinds: the user's. */
  readonly custom: readonly KubeObject[];
}

/** Reads all of it. Throws KubernetesError. */
export async function present(
  ask: Ask,
  kinds: Kinds,
  definitions: readonly KubeObject[],
  namespace: string,
): Promise<Present> {
  const own = await labelled(ask, kinds, "app.kubernetes.io/part-of=weft");
  const revisions = new Map<string, readonly KubeObject[]>();
  const shared: KubeObject[] = [];
  for (const object of own) {
    const revision = object.metadata.labels?.["istio.io/rev"];
    const isTag = object.metadata.labels?.["istio.io/tag"] !== undefined;
    if (revision === undefined || isTag || object.metadata.labels?.["app"] !== "weft") shared.push(object);
    else revisions.set(revision, [...(revisions.get(revision) ?? []), object]);
  }
  const live = await inTurns(definitions, (one) => find(ask, pathOf(one, kinds)));
  const there = live.flatMap((one, i) =>
    one === undefined ? [] : [{ ...one, ...kindOf(definitions[i] as KubeObject) }],
  );
  const custom = await inTurns(there, (one) => objectsOf(ask, one));
  const made = await madeByControlPlane(ask, kinds, namespace);
  return { revisions, shared, made, definitions: there, custom: custom.flat() };
}

function kindOf({ apiVersion, kind }: KubeObject) {
  return { apiVersion, kind };
}

/** A GatewayClass of the chart is an object of a custom kind, too: it is no user's. */
async function objectsOf(ask: Ask, definition: KubeObject): Promise<readonly KubeObject[]> {
  const { group, scope, names, versions } = definition["spec"] as {
    readonly group: string;
    readonly scope: string;
    readonly names: { readonly kind: string; readonly plural: string };
    readonly versions: readonly { readonly name: string; readonly storage: boolean }[];
  };
  const version = versions.find(({ storage }) => storage)?.name ?? "v1";
  const apiVersion = `${group}/${version}`;
  const kind = { plural: names.plural, namespaced: scope === "Namespaced" };
  const all = await listOf(ask, new Map([[`${apiVersion} ${names.kind}`, kind]]), apiVersion, names.kind);
  return all.filter((object) => ourRelease(object) === undefined && helmRelease(object) === undefined);
}

async function madeByControlPlane(ask: Ask, kinds: Kinds, namespace: string): Promise<readonly KubeObject[]> {
  const secret = { apiVersion: "v1", kind: "Secret", metadata: { name: "weft-ca", namespace } };
  const lease = { apiVersion: "coordination.k8s.io/v1", kind: "Lease", metadata: { name: "weft-leader", namespace } };
  const fieldSelector = "metadata.name=weft-ca-root-cert";
  const [ca, leader, roots] = await Promise.all([
    find(ask, pathOf(secret, kinds)),
    find(ask, pathOf(lease, kinds)),
    listOf(ask, kinds, "v1", "ConfigMap", { fieldSelector }),
  ]);
  return [
    ...(ca ? [{ ...ca, ...kindOf(secret) }] : []),
    ...(leader ? [{ ...leader, ...kindOf(lease) }] : []),
    ...roots,
  ];
}

/** Whether we may take a definition away: only what `weft install` has applied. */
export function isOurDefinition(definition: KubeObject): boolean {
  return appliedBy(definition, fieldManager);
}
