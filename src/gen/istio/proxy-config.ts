// Made by scripts/refresh-crds.mjs from istio.io/api v1.31.1 (Apache-2.0), networking.istio.io/v1beta1; do not edit.
/** Provides configuration for individual workloads. */
export interface ProxyConfigSpec {
  /** The number of worker threads to run. */
  readonly concurrency?: number;
  /** Additional environment variables for the proxy. */
  readonly environmentVariables?: Readonly<Record<string, string>>;
  /** Specifies the details of the proxy image. */
  readonly image?: ProxyConfigImage;
  /** Optional. */
  readonly selector?: ProxyConfigSelector;
}

/** Specifies the details of the proxy image. */
export interface ProxyConfigImage {
  /** The image type of the image. */
  readonly imageType?: string;
}

/** Optional. */
export interface ProxyConfigSelector {
  /** One or more labels that indicate a specific set of pods/VMs on which a policy should be applied. */
  readonly matchLabels?: Readonly<Record<string, string>>;
}
