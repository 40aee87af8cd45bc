import {
  clone,
  create,
  type DescMessage,
  fromJson,
  type JsonValue,
  type Message,
  type MessageShape,
} from "@bufbuild/protobuf";
import { BootstrapSchema } from "../../gen/envoy/config/bootstrap/v3/bootstrap_pb.js";
import { ClusterSchema } from "../../gen/envoy/config/cluster/v3/cluster_pb.js";
import { TypedExtensionConfigSchema } from "../../gen/envoy/config/core/v3/extension_pb.js";
import {
  FilterChainSchema,
  FilterSchema,
  ListenerFilterSchema,
} from "../../gen/envoy/config/listener/v3/listener_components_pb.js";
import { ListenerSchema } from "../../gen/envoy/config/listener/v3/listener_pb.js";
import { RouteSchema, VirtualHostSchema } from "../../gen/envoy/config/route/v3/route_components_pb.js";
import { RouteConfigurationSchema } from "../../gen/envoy/config/route/v3/route_pb.js";
import { HttpFilterSchema } from "../../gen/envoy/extensions/filters/network/http_connection_manager/v3/http_connection_manager_pb.js";
import { envoyTypes } from "../../gen/envoy-types.ts";
import type { ApplyTo, Patch, PatchContext } from "../../plan/patch/patch.ts";
import { type Merging, merge } from "./merge.ts";

/** What each kind of patch changes. */
export const patchedMessages = {
  LISTENER: ListenerSchema,
  LISTENER_FILTER: ListenerFilterSchema,
  FILTER_CHAIN: FilterChainSchema,
  NETWORK_FILTER: FilterSchema,
  HTTP_FILTER: HttpFilterSchema,
  ROUTE_CONFIGURATION: RouteConfigurationSchema,
  VIRTUAL_HOST: VirtualHostSchema,
  HTTP_ROUTE: RouteSchema,
  CLUSTER: ClusterSchema,
  EXTENSION_CONFIG: TypedExtensionConfigSchema,
  BOOTSTRAP: BootstrapSchema,
} as const satisfies Record<ApplyTo, DescMessage>;

/** A patch with its value as a message. */
export interface ReadyPatch {
  readonly patch: Patch;
  readonly value?: Message;
}

/** Reads the values. One that is no message of its type is left out: such an object is refused where it is read. */
export function readyPatches(patches: readonly Patch[]): readonly ReadyPatch[] {
  return patches.flatMap((patch) => {
    if (patch.value === undefined) return patch.operation === "REMOVE" ? [{ patch }] : [];
    try {
      const desc: DescMessage = patchedMessages[patch.applyTo];
      return [{ patch, value: fromJson(desc, patch.value as JsonValue, { registry: envoyTypes() }) }];
    } catch {
      return [];
    }
  });
}

/** Where patches are applied, and who is told of each that changed something. */
export interface Patching {
  readonly patches: readonly ReadyPatch[];
  readonly context: PatchContext;
  /** Port of an inbound cluster → hosts of the services behind it. */
  readonly inboundHosts?: Readonly<Record<number, readonly string[]>>;
  /** Port that a router listens on → ports of its Service that lead to it. */
  readonly servicePorts?: Readonly<Record<number, readonly number[]>>;
  hit(patch: Patch): void;
}

/** The patches of a kind that are for the context at hand. */
export function patchesTo(applyTo: ApplyTo, { patches, context }: Patching): readonly ReadyPatch[] {
  return patches.filter(
    ({ patch }) => patch.applyTo === applyTo && (patch.context === "ANY" || patch.context === context),
  );
}

/** How a patch merges; undefined where it does not. */
export function mergingOf({ operation, value }: Patch): Merging | undefined {
  if (operation === "MERGE") return { lists: "append", said: value };
  return operation === "MERGE_AND_REPLACE_LIST" ? { lists: "replace", said: value } : undefined;
}

/** The value of a patch, as a message of its own. */
export function valueOf<Desc extends DescMessage>(desc: Desc, { value }: ReadyPatch): MessageShape<Desc> {
  return value === undefined ? create(desc) : clone(desc, value as MessageShape<Desc>);
}

/** Merges the patch's value into a message if that is what it does, and tells it. */
export function mergeInto<Desc extends DescMessage>(
  desc: Desc,
  target: Message,
  ready: ReadyPatch,
  at: Patching,
): void {
  const how = mergingOf(ready.patch);
  if (how === undefined || ready.value === undefined) return;
  merge(desc, target, ready.value, how);
  at.hit(ready.patch);
}
