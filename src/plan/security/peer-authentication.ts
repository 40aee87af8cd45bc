import type { PeerAuthenticationSpec } from "../../gen/istio/peer-authentication.ts";
import type { Resource } from "../../model/resource.ts";
import { types } from "../../model/types.ts";
import type { Scope, Step } from "../../track/scope.ts";
import { mesh } from "../mesh.ts";

export type MtlsMode = "DISABLE" | "PERMISSIVE" | "STRICT";

/** What a workload accepts from its callers. */
export interface InboundMtls {
  readonly mode: MtlsMode;
  /** Port at the workload → its own mode. */
  readonly ports: Readonly<Record<string, MtlsMode>>;
  readonly origins: readonly string[];
}

/**
 * mTLS mode of a workload. Key: JSON of `{namespace, labels}`.
 * Reads: PeerAuthentication of the workload, else of its namespace, else of the root namespace; the oldest of each; UNSET inherits.
 * Default: PERMISSIVE. Source: istio.io/latest/docs/reference/config/security/peer_authentication
 */
export const inboundMtls: Step<InboundMtls> = {
  name: "plan/inboundMtls",
  run: (scope, key) => {
    const { namespace, labels } = JSON.parse(key) as { namespace: string; labels: Record<string, string> };
    const { rootNamespace } = scope.ask(mesh, "");
    const own = oldest(scope, namespace, (p) => selects(p.spec.selector?.matchLabels, labels));
    const ofNamespace = namespace === rootNamespace ? undefined : oldest(scope, namespace, hasNoSelector);
    const ofMesh = oldest(scope, rootNamespace, hasNoSelector);
    const chain = [own, ofNamespace, ofMesh].filter((p) => p !== undefined);
    const mode = chain.map((p) => p.spec.mtls?.mode).find((m) => m !== undefined && m !== "UNSET") ?? "PERMISSIVE";
    return { mode: mode as MtlsMode, ports: portModes(own, mode as MtlsMode), origins: chain.map((p) => p.origin.at) };
  },
};

function portModes(
  own: Resource<PeerAuthenticationSpec> | undefined,
  mode: MtlsMode,
): Readonly<Record<string, MtlsMode>> {
  const entries = Object.entries(own?.spec.portLevelMtls ?? {});
  return Object.fromEntries(
    entries.map(([port, m]) => [port, m.mode === undefined || m.mode === "UNSET" ? mode : m.mode]),
  );
}

function oldest(
  scope: Scope,
  namespace: string,
  applies: (p: Resource<PeerAuthenticationSpec>) => boolean,
): Resource<PeerAuthenticationSpec> | undefined {
  const found = scope.list<PeerAuthenticationSpec>(types.PeerAuthentication, namespace).filter(applies);
  return found.reduce<Resource<PeerAuthenticationSpec> | undefined>(
    (a, b) => (a === undefined || b.createdAt < a.createdAt ? b : a),
    undefined,
  );
}

function hasNoSelector(p: Resource<PeerAuthenticationSpec>): boolean {
  return Object.keys(p.spec.selector?.matchLabels ?? {}).length === 0;
}

function selects(
  selector: Readonly<Record<string, string>> | undefined,
  labels: Readonly<Record<string, string>>,
): boolean {
  const pairs = Object.entries(selector ?? {});
  return pairs.length > 0 && pairs.every(([k, v]) => labels[k] === v);
}
