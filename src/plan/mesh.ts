import type { MeshConfigSpec } from "../gen/istio/mesh-config.ts";
import type { Scope, Step } from "../track/scope.ts";

/** What Istio's MeshConfig says, with its defaults. Source: istio.io/latest/docs/reference/config/istio.mesh.v1alpha1 */
export interface Mesh {
  readonly trustDomain: string;
  readonly trustDomainAliases: readonly string[];
  readonly rootNamespace: string;
  readonly domain: string;
  readonly outboundTrafficPolicy: "ALLOW_ANY" | "REGISTRY_ONLY" | "ALLOW_ANY_DYNAMIC_DNS";
  readonly enableAutoMtls: boolean;
  readonly connectTimeoutMs: number;
  readonly defaultServiceExportTo: readonly string[];
  readonly defaultVirtualServiceExportTo: readonly string[];
  readonly defaultDestinationRuleExportTo: readonly string[];
  /** The object as written, for parts that only one concern reads. */
  readonly raw: MeshConfigSpec;
}

/** MeshConfig has no kind of its own in Istio: it comes from a file or a ConfigMap and is kept as this one object. */
export const meshConfigRef = { type: "MeshConfig", namespace: "", name: "istio" } as const;

/** The mesh's settings. Key: none. */
export const mesh: Step<Mesh> = {
  name: "plan/mesh",
  run: (scope: Scope) => {
    const raw = (scope.get(meshConfigRef)?.spec ?? {}) as MeshConfigSpec;
    return {
      trustDomain: raw.trustDomain ?? "cluster.local",
      trustDomainAliases: raw.trustDomainAliases ?? [],
      rootNamespace: raw.rootNamespace ?? "istio-system",
      domain: "cluster.local",
      outboundTrafficPolicy: raw.outboundTrafficPolicy?.mode ?? "ALLOW_ANY",
      enableAutoMtls: raw.enableAutoMtls !== false,
      connectTimeoutMs: durationMs(raw.connectTimeout ?? "10s") ?? 10_000,
      defaultServiceExportTo: raw.defaultServiceExportTo ?? ["*"],
      defaultVirtualServiceExportTo: raw.defaultVirtualServiceExportTo ?? ["*"],
      defaultDestinationRuleExportTo: raw.defaultDestinationRuleExportTo ?? ["*"],
      raw,
    };
  },
};

/** Milliseconds of a protobuf or Go duration (`5s`, `1.5s`, `250ms`, `1h30m`), or undefined when it is none. */
export function durationMs(text: string): number | undefined {
  const unit: Readonly<Record<string, number>> = {
    h: 3_600_000,
    m: 60_000,
    s: 1000,
    ms: 1,
    us: 0.001,
    µs: 0.001,
    ns: 0.000001,
  };
  if (!/^(?:\d+(?:\.\d+)?(?:h|ms|us|µs|ns|m|s))+$/.test(text)) return undefined;
  return [...text.matchAll(/(\d+(?:\.\d+)?)(h|ms|us|µs|ns|m|s)/g)].reduce(
    (sum, m) => sum + Number(m[1]) * (unit[m[2] as string] as number),
    0,
  );
}
