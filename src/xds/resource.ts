/** One xDS resource, encoded once for every proxy that shares it. */
export interface XdsResource {
  readonly name: string;
  /** Hash of `body`. */
  readonly version: string;
  /** The resource's own message, encoded (what goes into the Any's value). */
  readonly body: Uint8Array;
  /** The configuration it came from: `reviews.yaml:14:1` or `kube:VirtualService default/reviews`. A NACK names these. */
  readonly origins: readonly string[];
}

/** The resources of one type for one proxy. Immutable; proxies that see the same share one set, so a difference is computed once. */
export interface ResourceSet {
  readonly resources: ReadonlyMap<string, XdsResource>;
}

/** What one proxy shall have: type URL → its resources. A type that is absent is not served to it. */
export type ProxyConfig = ReadonlyMap<string, ResourceSet>;

/** What a proxy answered for one resource. */
export interface AckState {
  readonly version: string;
  /** Envoy's own words when it refused the version. */
  readonly error?: string;
}
