/** The part of a proxy that outbound configuration may depend on. Proxies of the same view share it. */
export interface View {
  readonly kind: "sidecar" | "router";
  readonly namespace: string;
  /** Only the labels that some object of the mesh selects client workloads by; sorted by name. */
  readonly labels: Readonly<Record<string, string>>;
  /** `namespace/name` of the Sidecar that narrows what it sees; absent: it sees all that is exported to its namespace. */
  readonly sidecar?: string;
  /** Of a router: the name of the certificate that it shows to backends with a BackendTLSPolicy. */
  readonly clientCertificate?: string;
}

/** A view as a step's key: JSON, so that it can be read back. Equal views have equal keys. */
export function viewKey(view: View): string {
  const labels = Object.fromEntries(Object.entries(view.labels).sort(([a], [b]) => (a < b ? -1 : 1)));
  const { kind, namespace, sidecar, clientCertificate } = view;
  return JSON.stringify({
    ...{ kind, namespace, labels },
    ...(sidecar === undefined ? {} : { sidecar }),
    ...(clientCertificate === undefined ? {} : { clientCertificate }),
  });
}

export function parseView(key: string): View {
  return JSON.parse(key) as View;
}

/** The part of a view that says which services and routes it sees: `namespace`, or `namespace@SIDECAR`. */
export function viewerOf({ namespace, sidecar }: Pick<View, "namespace" | "sidecar">): string {
  return sidecar === undefined ? namespace : `${namespace}@${sidecar}`;
}

/** What `viewerOf` put together. */
export function parseViewer(viewer: string): Pick<View, "namespace" | "sidecar"> {
  const at = viewer.indexOf("@");
  return at < 0 ? { namespace: viewer } : { namespace: viewer.slice(0, at), sidecar: viewer.slice(at + 1) };
}
