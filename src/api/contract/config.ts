/** `GET /api/v1/config`: every object that the mesh reads. */
export interface ConfigObject {
  readonly type: string;
  readonly kind: string;
  readonly apiVersion: string;
  readonly namespace: string;
  readonly name: string;
  /** `reviews.yaml:14:1`. */
  readonly at: string;
  readonly diagnostics: readonly Finding[];
  /** Proxies that hold resources made of it. */
  readonly proxies: { readonly total: number; readonly acked: number };
}

/** `GET /api/v1/config/{type}/{namespace}/{name}` (namespace `-` for none): the object with its YAML. */
export interface ConfigDetail extends ConfigObject {
  readonly yaml: string;
  /** What it says, as a short text: a change of it that names this (`basis` of `POST /api/v1/apply`) is told where somebody else changed it since. */
  readonly basis: string;
}

/** `GET /api/v1/diagnostics`. */
export interface Finding {
  readonly code: string;
  /** Codes of other tools for the same: Kiali's. */
  readonly also?: readonly string[];
  readonly level: "Error" | "Warning" | "Info";
  /** `VirtualService default/reviews`, or a file's name. */
  readonly origin: string;
  /** `reviews.yaml:14:7`. */
  readonly at: string;
  /** `spec.http[0].timeout`. */
  readonly field?: string;
  readonly message: string;
  readonly fix?: string;
}
