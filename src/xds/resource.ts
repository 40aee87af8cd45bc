/** One xDS resource, encoded once for every proxy that shares it. */
export interface XdsResource {
  readonly name: string;
  /** Hash of `body`. */
  readonly version: string;
  /** The resource's own message, encoded (what goes into the Any's value). */
  readonly body: Uint8Array;
  /** The configuration it came from: `reviews.yaml:14:1` or `kube:VirtualService default/reviews`. A NACK names these. */
  readonly origins: readonly string[];
  /**
   * Of a cluster: the name of its ClusterLoadAssignment, where that is not the cluster's own name. When the cluster is sent, its
   * endpoints are sent after it, because Envoy does not ask for them again.
   */
  readonly endpoints?: string;
}

/** The resources of one type for one proxy. Immutable; proxies that see the same share one set, so a difference is computed once. */
export interface ResourceSet {
  readonly resources: ReadonlyMap<string, XdsResource>;
  /** Resources that are sent only to a stream that asked for them by name; `get` may make them then. A name is here or in `resources`. */
  readonly onDemand?: Pick<ReadonlyMap<string, XdsResource>, "get">;
}

/** What one proxy shall have: type URL → its resources. A type that is absent is not served to it. */
export type ProxyConfig = ReadonlyMap<string, ResourceSet>;

/** What a proxy answered for one resource. */
export interface AckState {
  /** The version that it runs, as far as it said; "" when it has none. */
  readonly version: string;
  /** The version that was sent and is not answered yet, or was refused. */
  readonly sent?: string;
  /** Envoy's own words when it refused `sent`. */
  readonly error?: string;
}
