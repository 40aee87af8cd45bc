import { type Identity, spiffeId } from "../../model/identity.ts";
import type { Proxy } from "../../model/proxy.ts";
import type { Resource } from "../../model/resource.ts";
import { types } from "../../model/types.ts";
import { isIP } from "../../std/ip.ts";
import { deepFreeze } from "../../std/plain.ts";

/** A proxy that asks to be a workload of a WorkloadGroup: all of it is what it says of itself, but for the identity, which was verified. */
export interface Joining {
  /** Its node id. */
  readonly proxy: string;
  readonly group: string;
  readonly namespace: string;
  /** Absent on a plaintext port. */
  readonly identity?: Identity;
  readonly address: string;
  /** "" where it names none. */
  readonly network: string;
  /** `region/zone/subzone`; "" where it names none. */
  readonly locality: string;
  readonly labels: Readonly<Record<string, string>>;
}

/** The parts of a WorkloadGroup that an entry is made of. */
export interface GroupSpec {
  readonly metadata?: {
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
  };
  readonly template?: { readonly labels?: Readonly<Record<string, string>>; readonly serviceAccount?: string };
  readonly probe?: unknown;
}

/** Kubernetes' longest name. */
const longestName = 253;

/** What a proxy with Istio's node metadata `AUTO_REGISTER_GROUP` asks for; undefined for every other one. */
export function joiningOf(proxy: Proxy): Joining | undefined {
  const { AUTO_REGISTER_GROUP: group, NETWORK: network } = proxy.metadata;
  if (typeof group !== "string" || group === "") return undefined;
  const { region, zone, subzone } = proxy.locality;
  return {
    proxy: proxy.id,
    group,
    namespace: proxy.namespace,
    ...(proxy.identity === undefined ? {} : { identity: proxy.identity }),
    address: proxy.ips[0] ?? "",
    network: typeof network === "string" ? network : "",
    locality: [region, ...(zone ? [zone] : []), ...(zone && subzone ? [subzone] : [])].join("/"),
    labels: proxy.labels,
  };
}

/** `GROUP-IP` or `GROUP-IP-NETWORK`; one that is too long loses its beginning. Source: Istio's pilot/pkg/autoregistration. */
export function entryName({ group, address, network }: Joining): string {
  const name = [group, address.replaceAll(":", "-"), ...(network === "" ? [] : [network])].join("-");
  return name.slice(-longestName);
}

/** Why a proxy may not be a workload of the group; undefined where it may. A group without a ServiceAccount takes all of its namespace. */
export function whyNot(joining: Joining, group: Resource): string | undefined {
  const { identity, address } = joining;
  if (identity === undefined) return "its identity is not verified on a plaintext port";
  const { serviceAccount = "" } = (group.spec as GroupSpec).template ?? {};
  const wanted = { ...identity, namespace: group.namespace, serviceAccount: serviceAccount || identity.serviceAccount };
  if (spiffeId(identity) !== spiffeId(wanted)) return `it is ${spiffeId(identity)}, not ${spiffeId(wanted)}`;
  return isIP(address) === 0 ? `its address "${address}" is not an IP address` : undefined;
}

/**
 * The WorkloadEntry of a proxy: the group's template with its own address, network and locality. Of labels its own win over those of the group's
 * metadata, and these over the template's. `healthy` is absent where the group has no probe.
 */
export function entryOf(joining: Joining, group: Resource, createdAt: number, healthy?: boolean): Resource {
  const { address, network, locality } = joining;
  const { metadata = {}, template = {} } = group.spec as GroupSpec;
  // Where it stands is in `locality`, which Istio's agent says by this label.
  const { "istio-locality": _, ...own } = joining.labels;
  const labels = { ...template.labels, ...metadata.labels, ...own };
  return deepFreeze({
    type: types.WorkloadEntry,
    apiVersion: group.apiVersion,
    namespace: group.namespace,
    name: entryName(joining),
    labels,
    annotations: { "istio.io/autoRegistrationGroup": group.name, ...metadata.annotations },
    createdAt,
    generation: 1,
    spec: {
      ...template,
      address,
      labels,
      ...(network === "" ? {} : { network }),
      ...(locality === "" ? {} : { locality }),
    },
    ...(healthy === undefined
      ? {}
      : { status: { conditions: [{ type: "Healthy", status: healthy ? "True" : "False" }] } }),
    origin: group.origin,
  });
}
