import type { Ref, Resource } from "../../model/resource.ts";
import { types } from "../../model/types.ts";

/** A Secret or ConfigMap that an object names. */
export interface Named {
  readonly ref: Ref;
  readonly by: Ref;
}

/** What decides which Secrets and ConfigMaps are read. */
export interface Naming {
  /** Objects of the kinds in `namingTypes`. */
  readonly objects: readonly Resource[];
  /** Namespaces with Pods that have all these labels. */
  readonly namespacesOf: (labels: Labels) => Iterable<string>;
  /** Labels of the routers that serve Ingresses. */
  readonly ingressSelector: Labels;
}

type Labels = Readonly<Record<string, string>>;

/** Kinds whose objects name Secrets and ConfigMaps. */
export const namingTypes: readonly string[] = [
  types.Gateway,
  types.DestinationRule,
  types.Ingress,
  types.KubernetesGateway,
  types.ListenerSet,
  types.GatewayClass,
  types.BackendTlsPolicy,
];

/**
 * Every Secret and ConfigMap that some object names. Istio's names are looked for where the proxies are (those of a Gateway's selector) and beside
 * the object; Gateway API's where the reference says. One of two that name the same is told. Pure.
 */
export function namedBy(naming: Naming): ReadonlyMap<string, Named> {
  const routers = new Set(routerNamespaces(naming));
  const found = new Map<string, Named>();
  for (const object of naming.objects)
    for (const ref of refsOf(object, naming, routers)) {
      const key = `${ref.type}/${ref.namespace}/${ref.name}`;
      if (!found.has(key))
        found.set(key, { ref, by: { type: object.type, namespace: object.namespace, name: object.name } });
    }
  return found;
}

/** Labels of the Pods whose namespaces `namedBy` asks for. */
export function selectorsIn({
  objects,
  ingressSelector,
}: Pick<Naming, "objects" | "ingressSelector">): readonly Labels[] {
  const gateways = objects.filter((o) => o.type === types.Gateway).map((o) => (o.spec as GatewaySpec).selector ?? {});
  return [...gateways, ingressSelector];
}

function routerNamespaces(naming: Naming): readonly string[] {
  const said = selectorsIn(naming).flatMap((labels) => [...naming.namespacesOf(labels)]);
  const apis = naming.objects.filter((o) => o.type === types.KubernetesGateway).map((o) => o.namespace);
  return [...said, ...apis];
}

function refsOf(object: Resource, naming: Naming, routers: ReadonlySet<string>): readonly Ref[] {
  const { type, namespace, spec } = object;
  if (type === types.Gateway) {
    const { selector = {}, servers = [] } = spec as GatewaySpec;
    const chosen = Object.keys(selector).length === 0 ? routers : naming.namespacesOf(selector);
    const where = new Set([namespace, ...chosen]);
    return servers.flatMap(({ tls }) => (tls === undefined ? [] : [...where].flatMap((ns) => ofServer(tls, ns))));
  }
  if (type === types.DestinationRule) {
    const own = (spec as { readonly workloadSelector?: unknown }).workloadSelector !== undefined;
    const where = own ? [namespace] : [...new Set([namespace, ...routers])];
    return valuesOf(spec, "credentialName").flatMap((name) =>
      typeof name === "string" ? where.flatMap((ns) => credential(ns, name)) : [],
    );
  }
  if (type === types.Ingress) {
    const { tls = [] } = spec as { readonly tls?: readonly { readonly secretName?: string }[] };
    const where = [...naming.namespacesOf(naming.ingressSelector)];
    return tls.flatMap(({ secretName }) => (secretName ? where.map((ns) => secret(ns, secretName)) : []));
  }
  return references.flatMap(([field, usual]) =>
    valuesOf(spec, field).flatMap((value) =>
      (Array.isArray(value) ? value : [value]).flatMap((said) => reference(said as Said, usual, namespace)),
    ),
  );
}

interface GatewaySpec {
  readonly selector?: Labels;
  readonly servers?: readonly { readonly tls?: ServerTls }[];
}

interface ServerTls {
  readonly mode?: string;
  readonly credentialName?: string;
  readonly credentialNames?: readonly string[];
  readonly caCertCredentialName?: string;
}

const suffix = "-cacert";

function ofServer(tls: ServerTls, namespace: string): readonly Ref[] {
  const names = [...(tls.credentialNames ?? []), tls.credentialName ?? ""].filter(isPlain);
  const verifies = tls.mode === "MUTUAL" || tls.mode === "OPTIONAL_MUTUAL";
  const roots = tls.caCertCredentialName || names[0];
  return [
    ...names.map((name) => secret(namespace, name)),
    ...(verifies && roots !== undefined ? credential(namespace, roots) : []),
  ];
}

/** A name with a scheme is not a user's to say. */
function isPlain(name: string): boolean {
  return name !== "" && !name.includes("/");
}

/** Where a certificate and the roots that go with it may be. */
function credential(namespace: string, name: string): readonly Ref[] {
  if (!isPlain(name)) return [];
  const plain = name.endsWith(suffix) ? name.slice(0, -suffix.length) : name;
  return [plain, plain + suffix].flatMap((each) => [secret(namespace, each), configMap(namespace, each)]);
}

function secret(namespace: string, name: string): Ref {
  return { type: types.Secret, namespace, name };
}

function configMap(namespace: string, name: string): Ref {
  return { type: types.ConfigMap, namespace, name };
}

/** Fields of Gateway API's kinds that refer to objects, and the kind that is meant where none is said. */
const references: readonly (readonly [field: string, usual: string])[] = [
  ["certificateRefs", types.Secret],
  ["clientCertificateRef", types.Secret],
  ["caCertificateRefs", types.ConfigMap],
  ["parametersRef", types.ConfigMap],
];

interface Said {
  readonly group?: string;
  readonly kind?: string;
  readonly name?: string;
  readonly namespace?: string;
}

function reference(said: Said, usual: string, own: string): readonly Ref[] {
  const { group = "", kind = usual, name = "", namespace = own } = said ?? {};
  if (group !== "" || name === "" || namespace === "" || (kind !== types.Secret && kind !== types.ConfigMap)) return [];
  return [{ type: kind, namespace, name }];
}

/** All values of a field, wherever it stands. */
function valuesOf(value: unknown, field: string): readonly unknown[] {
  if (typeof value !== "object" || value === null) return [];
  if (Array.isArray(value)) return value.flatMap((each) => valuesOf(each, field));
  return Object.entries(value).flatMap(([key, child]) => (key === field ? [child] : valuesOf(child, field)));
}
