/** Where among a proxy's own filters an extension stands; `UNSPECIFIED` is last of all. */
export type Phase = "AUTHN" | "AUTHZ" | "STATS" | "UNSPECIFIED";

/** Traffic of one direction, to some ports; no ports are all. */
export interface ExtensionMatch {
  readonly mode: "CLIENT" | "SERVER" | "CLIENT_AND_SERVER";
  readonly ports: readonly number[];
}

/** The place that an extension has in a proxy's listeners. What it does comes apart from it: an edit of that leaves listeners as they are. */
export interface ExtensionSlot {
  /** `extensions.istio.io/wasmplugin/default.auth`: unique in a proxy. */
  readonly name: string;
  /** Key of `extensionPlan`. */
  readonly key: string;
  readonly phase: Phase;
  readonly protocol: "http" | "tcp";
  /** The first that fits counts; none is all traffic. */
  readonly match: readonly ExtensionMatch[];
  /** While it is not there, or does not work: traffic passes as if it were not written, or is refused. */
  readonly failOpen: boolean;
  /** `resource.origin.at`. */
  readonly origin: string;
}

/** What an extension does. */
export type ExtensionPlan = LuaPlan | WasmPlan;

export interface LuaPlan {
  readonly kind: "lua";
  readonly code: string;
}

export interface WasmPlan {
  readonly kind: "wasm";
  readonly protocol: "http" | "tcp";
  /** The module's file on this machine; absent while it was not fetched. */
  readonly file?: string;
  /** Name of the plugin inside its module. */
  readonly rootId: string;
  /** JSON; "" is none. */
  readonly configuration: string;
  readonly failure: "close" | "open" | "reload";
  readonly environment: Readonly<Record<string, string>>;
  /** Variables that the module gets of the proxy's own environment. */
  readonly inherited: readonly string[];
}
