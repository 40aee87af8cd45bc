import type { AppProbe } from "../agent/bootstrap-probes.ts";
import type { ProxySettings } from "../agent/proxy-settings.ts";
import type { Snapshot } from "../model/snapshot.ts";
import type { Pod } from "./pod.ts";
import type { Scrapes } from "./scrapes.ts";
import type { InjectionSettings } from "./settings.ts";
import type { Owner } from "./workload.ts";

/** All that injection depends on beside the Pod. */
export interface InjectContext {
  readonly settings: InjectionSettings;
  /** MeshConfig and ProxyConfigs are read from it. */
  readonly snapshot: Snapshot;
  /** Of the control plane: `default`, or a name. */
  readonly revision: string;
  /** Where the control plane runs: `istio-system`. */
  readonly installNamespace: string;
  /** Version of the cluster, where it is known. */
  readonly kubernetes?: { readonly major: number; readonly minor: number };
  /** Has the last word on a Pod's bootstrap: patches of EnvoyFilters. */
  readonly bootstrapOverride?: (
    bootstrap: Record<string, unknown>,
    pod: { readonly namespace: string },
  ) => Record<string, unknown>;
}

/** One Pod with what was found out about it. */
export interface Job {
  readonly pod: Pod;
  readonly kind: "sidecar" | "gateway";
  readonly namespace: string;
  readonly owner: Owner;
  readonly proxy: ProxySettings;
  readonly context: InjectContext;
  /** Annotations that count: the Pod's, and the settings' `traffic` where it has none. */
  readonly annotations: Readonly<Record<string, string>>;
  /** Who knows it may drain the proxy by HTTP: the kubelet, from the hook in the Pod. */
  readonly drainKey: string;
  /** What the proxy probes instead of the kubelet. */
  readonly probes: readonly AppProbe[];
  /** What Prometheus finds of it; undefined: what it found without a proxy. */
  readonly scrapes: Scrapes | undefined;
}

/** `weft.istio-system.svc`, or `weft-canary.istio-system.svc` for the revision canary. */
export function controlPlaneHost({ revision, installNamespace }: Pick<InjectContext, "revision" | "installNamespace">) {
  return `weft${revision === "default" ? "" : `-${revision}`}.${installNamespace}.svc`;
}

/** Who redirects nothing: gateways, and Pods that say so. */
export function isCaptured({ kind, annotations }: Job): boolean {
  return kind === "sidecar" && annotations["sidecar.istio.io/interceptionMode"] !== "NONE";
}
