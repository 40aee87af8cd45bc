// Made by scripts/refresh-crds.mjs from istio.io/api v1.31.1 (Apache-2.0), extensions.istio.io/v1alpha1; do not edit.
/** Extend the functionality provided by the Istio proxy through WebAssembly filters. */
export interface WasmPluginSpec {
  /** Specifies the failure behavior for the plugin due to fatal errors. */
  readonly failStrategy?: "FAIL_CLOSE" | "FAIL_OPEN" | "FAIL_RELOAD";
  /** The pull behaviour to be applied when fetching Wasm module by either OCI image or `http/https`. */
  readonly imagePullPolicy?: "UNSPECIFIED_POLICY" | "IfNotPresent" | "Always";
  /** Credentials to use for OCI image pulling. */
  readonly imagePullSecret?: string;
  /** Specifies the criteria to determine which traffic is passed to WasmPlugin. */
  readonly match?: readonly WasmPluginMatch[];
  /** Determines where in the filter chain this `WasmPlugin` is to be injected. */
  readonly phase?: "UNSPECIFIED_PHASE" | "AUTHN" | "AUTHZ" | "STATS";
  /** The configuration that will be passed on to the plugin. */
  readonly pluginConfig?: Readonly<Record<string, unknown>>;
  /** The plugin name to be used in the Envoy configuration (used to be called `rootID`). */
  readonly pluginName?: string;
  /** Determines ordering of `WasmPlugins` in the same `phase`. */
  readonly priority?: number;
  /** Criteria used to select the specific set of pods/VMs on which this plugin configuration should be applied. */
  readonly selector?: WasmPluginSelector;
  /** SHA256 checksum that will be used to verify Wasm module or OCI container. */
  readonly sha256?: string;
  readonly targetRef?: PolicyTargetReference;
  /** Optional. */
  readonly targetRefs?: readonly PolicyTargetReference[];
  /** Specifies the type of Wasm Extension to be used. */
  readonly type?: "UNSPECIFIED_PLUGIN_TYPE" | "HTTP" | "NETWORK";
  /** URL of a Wasm module or OCI container. */
  readonly url: string;
  readonly verificationKey?: string;
  /** Configuration for a Wasm VM. */
  readonly vmConfig?: WasmPluginVmConfig;
}

export interface WasmPluginMatch {
  /** Criteria for selecting traffic by their direction. */
  readonly mode?: "UNDEFINED" | "CLIENT" | "SERVER" | "CLIENT_AND_SERVER";
  /** Criteria for selecting traffic by their destination port. */
  readonly ports?: readonly WasmPluginMatchPorts[];
}

export interface WasmPluginMatchPorts {
  readonly number: number;
}

/** Criteria used to select the specific set of pods/VMs on which this plugin configuration should be applied. */
export interface WasmPluginSelector {
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

/** Configuration for a Wasm VM. */
export interface WasmPluginVmConfig {
  /** Specifies environment variables to be injected to this VM. */
  readonly env?: readonly WasmPluginVmConfigEnv[];
}

export interface WasmPluginVmConfigEnv {
  /** Name of the environment variable. */
  readonly name: string;
  /** Value for the environment variable. */
  readonly value?: string;
  /** Source for the environment variable's value. */
  readonly valueFrom?: "INLINE" | "HOST";
}
