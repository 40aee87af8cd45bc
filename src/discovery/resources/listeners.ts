import { virtualInbound } from "../../envoy/listener/inbound.ts";
import { outboundListener as encode, virtualOutbound } from "../../envoy/listener/outbound.ts";
import type { Local } from "../../envoy/local.ts";
import { type Listener, ListenerSchema } from "../../gen/envoy/config/listener/v3/listener_pb.js";
import { type InboundPlan, inboundPlan } from "../../plan/listener/inbound.ts";
import { outboundListener, outboundListeners } from "../../plan/listener/outbound.ts";
import { outboundPolicy } from "../../plan/outbound-policy.ts";
import type { Protocol } from "../../plan/protocol.ts";
import type { Scope, Step } from "../../track/scope.ts";
import type { ResourceSet, XdsResource } from "../../xds/resource.ts";
import { encoded, sameResource, sameSet, setOf } from "./encoded.ts";

const outboundPort = 15001;
const inboundPort = 15006;

export interface SidecarListenersKey {
  readonly view: string;
  readonly local: Local;
  /** JSON of `InboundKey`. */
  readonly inbound: string;
}

/** Listeners of a sidecar. Key: JSON of `SidecarListenersKey`. */
export const sidecarListenerSet: Step<ResourceSet> = {
  name: "discovery/sidecarListeners",
  run: (scope, key) => {
    const { view, local, inbound } = JSON.parse(key) as SidecarListenersKey;
    const plan = scope.ask(inboundPlan, inbound);
    return setOf([
      encodedListener(virtualOutbound(scope.ask(outboundPolicy, view), local, outboundPort), []),
      encodedListener(virtualInbound(plan, local, inboundPort), plan.origins),
      ...outbound(scope, view, local),
    ]);
  },
  same: sameSet,
};

/** Ports that the inbound side serves. */
export function inboundPorts(plan: InboundPlan): readonly { readonly port: number; readonly protocol: Protocol }[] {
  return plan.ports.map(({ port, protocol }) => ({ port, protocol }));
}

/** The part of an outbound listener that it has of its proxy. */
interface OutboundKey {
  readonly view: string;
  readonly local: Local;
  /** `address_port`. */
  readonly at: string;
}

/** A step for each, so that a service that comes costs its own listener and not all. Key: JSON of `OutboundKey`. */
const encodedOutbound: Step<XdsResource | undefined> = {
  name: "discovery/outboundListener",
  run: (scope, key) => {
    const { view, local, at } = JSON.parse(key) as OutboundKey;
    const plan = scope.ask(outboundListener, `${at}|${view}`);
    if (plan === undefined) return undefined;
    return encodedListener(encode(plan, scope.ask(outboundPolicy, view), local), plan.origins);
  },
  same: sameResource,
};

function outbound(scope: Scope, view: string, local: Local): readonly (XdsResource | undefined)[] {
  return [...scope.ask(outboundListeners, view).keys()].map((at) => {
    const key: OutboundKey = { view, local, at };
    return scope.ask(encodedOutbound, JSON.stringify(key));
  });
}

function encodedListener(listener: Listener, origins: readonly string[]): XdsResource {
  return encoded(ListenerSchema, listener.name, listener, origins);
}
