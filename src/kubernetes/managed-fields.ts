import type { KubernetesObject } from "./object.ts";

/** Who set a field of an object. */
export interface Managed {
  /** `argocd-controller`, `kubectl-client-side-apply`. */
  readonly manager: string;
  /** `.spec.http`, `.metadata.labels.team`. */
  readonly field: string;
}

interface Entry {
  readonly manager?: string;
  readonly operation?: string;
  readonly subresource?: string;
  readonly fieldsV1?: Node;
}

/** `{"f:spec": {"f:http": {}}}`; items of a list by their key: `{"k:{\"name\":\"http\"}": {...}}`. */
interface Node {
  readonly [key: string]: Node;
}

type Owners = readonly { readonly manager: string; readonly node: Node }[];

/**
 * Fields that an apply was to take away and that are still there, as somebody set them in another way than by `own`'s applies. `before`: the object as it was, `wanted`: what was
 * applied, `after`: what came of it. https://kubernetes.io/docs/reference/using-api/server-side-apply/#field-management
 */
export function kept(
  before: KubernetesObject,
  wanted: object,
  after: KubernetesObject,
  own: string,
): readonly Managed[] {
  const entries = (after.metadata["managedFields"] ?? []) as readonly Entry[];
  const owners = entries.flatMap(({ manager = "", operation, subresource, fieldsV1 }) =>
    (manager === own && operation === "Apply") || subresource !== undefined || fieldsV1 === undefined
      ? []
      : [{ manager, node: fieldsV1 }],
  );
  const found: Managed[] = [];
  walk({ before, wanted, after, owners, path: "" }, found);
  return found;
}

interface Place {
  readonly before: unknown;
  readonly wanted: unknown;
  readonly after: unknown;
  readonly owners: Owners;
  readonly path: string;
}

function walk(place: Place, found: Managed[]): void {
  const { before, wanted, after, owners, path } = place;
  if (owners.length === 0) return;
  if (!isRecord(before) || !isRecord(wanted) || !isRecord(after)) {
    walkList(place, found);
    return;
  }
  for (const [key, value] of Object.entries(before)) {
    if (!Object.hasOwn(after, key)) continue;
    const below = childrenOf(owners, `f:${key}`);
    const here = `${path}.${key}`;
    if (Object.hasOwn(wanted, key))
      walk({ before: value, wanted: wanted[key], after: after[key], owners: below, path: here }, found);
    else for (const { manager } of below) found.push({ manager, field: here });
  }
}

/** Items of a list whose items have keys; of any other list nothing can be kept by somebody. */
function walkList({ before, wanted, after, owners, path }: Place, found: Managed[]): void {
  if (!Array.isArray(before) || !Array.isArray(wanted) || !Array.isArray(after)) return;
  const keys = new Set(owners.flatMap(({ node }) => Object.keys(node).filter((key) => key.startsWith("k:"))));
  for (const key of keys) {
    const of = (list: readonly unknown[]) => list.find((item) => hasKey(item, key.slice(2)));
    const [was, want, is] = [of(before), of(wanted), of(after)];
    if (was === undefined || is === undefined) continue;
    const below = childrenOf(owners, key);
    const here = `${path}[${Object.values(JSON.parse(key.slice(2)) as object).join(",")}]`;
    if (want !== undefined) walk({ before: was, wanted: want, after: is, owners: below, path: here }, found);
    else for (const { manager } of below) found.push({ manager, field: here });
  }
}

function hasKey(item: unknown, key: string): boolean {
  const wanted = JSON.parse(key) as Record<string, unknown>;
  return isRecord(item) && Object.entries(wanted).every(([name, value]) => item[name] === value);
}

function childrenOf(owners: Owners, key: string): Owners {
  return owners.flatMap(({ manager, node }) => (node[key] === undefined ? [] : [{ manager, node: node[key] }]));
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
