/** One object as an API server sends it; the fields of its kind beside these. */
export interface KubernetesObject {
  readonly apiVersion?: string;
  readonly kind?: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly resourceVersion?: string;
    readonly [field: string]: unknown;
  };
  readonly [field: string]: unknown;
}

/** A collection of an API server: `{ group: "", version: "v1", plural: "pods" }`. */
export interface ApiResource {
  readonly group: string;
  readonly version: string;
  readonly plural: string;
}

/** `/api/v1/pods`, `/apis/networking.istio.io/v1/namespaces/shop/virtualservices`. */
export function pathOf({ group, version, plural }: ApiResource, namespace?: string): string {
  const root = group === "" ? `/api/${version}` : `/apis/${group}/${version}`;
  return `${root}${namespace === undefined ? "" : `/namespaces/${namespace}`}/${plural}`;
}

/** `default/reviews`, or `node1` for an object without a namespace: unique in one collection. */
export function keyOf({ metadata: { namespace, name } }: KubernetesObject): string {
  return namespace === undefined || namespace === "" ? name : `${namespace}/${name}`;
}
