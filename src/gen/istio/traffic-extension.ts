// Made by scripts/refresh-crds.mjs from istio.io/api v1.31.1 (Apache-2.0), extensions.istio.io/v1alpha1; do not edit.
/** Extend the functionality provided by the Istio proxy through WebAssembly or Lua filters. */
export interface TrafficExtensionSpec {
  /** Lua filter configuration. */
  readonly lua?: TrafficExtensionLua;
  /** Specifies the criteria to determine which traffic is passed to TrafficExtension. */
  readonly match?: readonly TrafficExtensionMatch[];
  /** Determines where in the filter chain this `TrafficExtension` is to be injected. */
  readonly phase?: "UNSPECIFIED" | "AUTHN" | "AUTHZ" | "STATS";
  /** Determines ordering of `TrafficExtensions` in the same `phase`. */
  readonly priority?: number;
  /** Optional. */
  readonly selector?: TrafficExtensionSelector;
  /** Optional. */
  readonly targetRefs?: readonly PolicyTargetReference[];
  /** WebAssembly filter configuration. */
  readonly wasm?: TrafficExtensionWasm;
}

/** Lua filter configuration. */
export interface TrafficExtensionLua {
  /** The inline Lua code to be executed. */
  readonly inlineCode: string;
}

export interface TrafficExtensionMatch {
  /** Criteria for selecting traffic by their direction. */
  readonly mode?: "UNDEFINED" | "CLIENT" | "SERVER" | "CLIENT_AND_SERVER";
  /** Criteria for selecting traffic by their destination port. */
  readonly ports?: readonly TrafficExtensionMatchPorts[];
}

export interface TrafficExtensionMatchPorts {
  readonly number: number;
}

/** Optional. */
export interface TrafficExtensionSelector {
  /** One or more labels that indicate a specific set of pods/VMs on which a policy should be applied. */
  readonly matchLabels?: Readonly<Record<string, string>>;
}

export interface PolicyTargetReference {
  /** group is the group of the target resource. */
  readonly group?: string;
  /** kind is kind of the target resource. */
  readonly kind: string;
  /** name is the name of the target resource. */
  readonly name: string;
  /** namespace is the namespace of the referent. */
  readonly namespace?: string;
}

/** WebAssembly filter configuration. */
export interface TrafficExtensionWasm {
  /** Specifies the failure behavior for the plugin due to fatal errors. */
  readonly failStrategy?: "FAIL_CLOSE" | "FAIL_OPEN" | "FAIL_RELOAD";
  /** The pull behaviour to be applied when fetching Wasm module by either OCI image or `http/https`. */
  readonly imagePullPolicy?: "UNSPECIFIED_POLICY" | "IfNotPresent" | "Always";
  /** Credentials to use for OCI image pulling. */
  readonly imagePullSecret?: string;
  /** The configuration that will be passed on to the plugin. */
  readonly pluginConfig?: Readonly<Record<string, unknown>>;
  /** The plugin name to be used in the Envoy configuration (used to be called `rootID`). */
  readonly pluginName?: string;
  /** SHA256 checksum that will be used to verify Wasm module or OCI container. */
  readonly sha256?: string;
  /** Specifies the type of Wasm Extension to be used. */
  readonly type?: "UNSPECIFIED_PLUGIN_TYPE" | "HTTP" | "NETWORK";
  /** URL of a Wasm module or OCI container. */
  readonly url: string;
  readonly verificationKey?: string;
  /** Configuration for a Wasm VM. */
  readonly vmConfig?: TrafficExtensionWasmVmConfig;
}

/** Configuration for a Wasm VM. */
export interface TrafficExtensionWasmVmConfig {
  /** Specifies environment variables to be injected to this VM. */
  readonly env?: readonly TrafficExtensionWasmVmConfigEnv[];
}

export interface TrafficExtensionWasmVmConfigEnv {
  /** Name of the environment variable. */
  readonly name: string;
  /** Value for the environment variable. */
  readonly value?: string;
  /** Source for the environment variable's value. */
  readonly valueFrom?: "INLINE" | "HOST";
}
