import type { ApplicationPort } from "../../envoy/cluster/inbound.ts";
import { virtualInbound } from "../../envoy/listener/inbound.ts";
import { inboundListener } from "../../envoy/listener/loopback.ts";
import { outboundListener as encode, virtualOutbound } from "../../envoy/listener/outbound.ts";
import type { Local } from "../../envoy/local.ts";
import { type Listener, ListenerSchema } from "../../gen/envoy/config/listener/v3/listener_pb.js";
import { type InboundPlan, type InboundPort, inboundPlan } from "../../plan/listener/inbound.ts";
import { outboundListener, outboundListeners } from "../../plan/listener/outbound.ts";
import { outboundPolicy } from "../../plan/outbound-policy.ts";
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
      ...plan.ports.map((port) => bound(plan, port, local)),
      ...outbound(scope, view, local, plan),
    ]);
  },
  same: sameSet,
};

/** Where the proxy listens itself for what calls its workload. */
function bound(plan: InboundPlan, { port, bind }: InboundPort, local: Local): XdsResource | undefined {
  const made = bind === undefined ? undefined : inboundListener(plan, port, local, bind);
  return made && encodedListener(made, plan.origins);
}

/** Ports that the inbound side serves, and where they lead. */
export function inboundPorts(plan: InboundPlan): readonly ApplicationPort[] {
  return plan.ports.map(({ port, protocol, to, pool, statName }) => ({
    port,
    protocol,
    ...(statName === undefined ? {} : { statName }),
    ...(to === undefined ? {} : { to }),
    ...(pool === undefined ? {} : { pool }),
  }));
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

/** Where the proxy listens for its workload nothing is captured: what the workload sends to itself is not either. */
function outbound(
  scope: Scope,
  view: string,
  local: Local,
  { ports }: InboundPlan,
): readonly (XdsResource | undefined)[] {
  const taken = new Set(ports.map(({ bind, port }) => `${bind}_${port}`));
  const all = [...scope.ask(outboundListeners, view).keys()].filter((at) => !taken.has(at));
  return all.map((at) => {
    const key: OutboundKey = { view, local, at };
    return scope.ask(encodedOutbound, JSON.stringify(key));
  });
}

function encodedListener(listener: Listener, origins: readonly string[]): XdsResource {
  return encoded(ListenerSchema, listener.name, listener, origins);
}
