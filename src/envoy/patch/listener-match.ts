import { TrafficDirection } from "../../gen/envoy/config/core/v3/base_pb.js";
import type { FilterChain } from "../../gen/envoy/config/listener/v3/listener_components_pb.js";
import type { Listener } from "../../gen/envoy/config/listener/v3/listener_pb.js";
import type { Patch, PatchContext } from "../../plan/patch/patch.ts";

/** Which traffic of a sidecar a listener is for. */
export function listenerContext({ trafficDirection }: Listener): PatchContext {
  return trafficDirection === TrafficDirection.INBOUND ? "SIDECAR_INBOUND" : "SIDECAR_OUTBOUND";
}

/** Whether a patch is for a listener, or for something inside it. */
export function isListener(listener: Listener, { applyTo, match }: Patch): boolean {
  const wanted = match.listener;
  if (wanted === undefined) return true;
  if (wanted.name && !namesOf(listener).includes(wanted.name)) return false;
  // The port of what is captured is its chains' business.
  if (applyTo !== "LISTENER" && isVirtual(listener)) return true;
  return !wanted.portNumber || portOf(listener) === wanted.portNumber;
}

/** Whether a patch for something inside a listener is for one of its chains. */
export function isChain(listener: Listener, chain: FilterChain, { match }: Patch): boolean {
  const wanted = match.listener;
  if (wanted === undefined) return true;
  const { filterChainMatch: own } = chain;
  if (isVirtual(listener) && wanted.portNumber && own?.destinationPort !== wanted.portNumber) return false;
  const { filterChain } = wanted;
  if (filterChain === undefined) return true;
  if (filterChain.name && !chainNames(listener, chain).includes(filterChain.name)) return false;
  if (filterChain.sni && own?.serverNames.includes(filterChain.sni) !== true) return false;
  if (filterChain.transportProtocol && own?.transportProtocol !== filterChain.transportProtocol) return false;
  if (filterChain.destinationPort && destinationPort(listener, chain) !== filterChain.destinationPort) return false;
  const spoken = filterChain.applicationProtocols ? filterChain.applicationProtocols.split(",") : [];
  return spoken.every((protocol) => own?.applicationProtocols.includes(protocol) === true);
}

function isVirtual({ name }: Listener): boolean {
  return name === "virtualInbound" || name === "virtualOutbound";
}

/** Without capture each inbound port has a listener of its own; patches know them all as one. */
function namesOf(listener: Listener): readonly string[] {
  return listenerContext(listener) === "SIDECAR_INBOUND" ? [listener.name, "virtualInbound"] : [listener.name];
}

/** The port of an address; of a listener that is reached from inside the proxy, what its name says. */
export function portOf({ address, name }: Listener): number {
  const socket = address?.address;
  if (socket?.case === "socketAddress" && socket.value.portSpecifier.case === "portValue")
    return socket.value.portSpecifier.value;
  return Number(name.slice(name.lastIndexOf("_") + 1));
}

export function destinationPort(listener: Listener, chain: FilterChain): number | undefined {
  const said = chain.filterChainMatch?.destinationPort;
  return (
    said ?? (listenerContext(listener) === "SIDECAR_INBOUND" && !isVirtual(listener) ? portOf(listener) : undefined)
  );
}

/** Of inbound chains also what Istio calls them: `0.0.0.0_9080`, and `virtualInbound` for ports that no service names. */
function chainNames(listener: Listener, chain: FilterChain): readonly string[] {
  if (listenerContext(listener) !== "SIDECAR_INBOUND") return [chain.name];
  const port = destinationPort(listener, chain);
  return [chain.name, port === undefined ? "virtualInbound" : `0.0.0.0_${port}`];
}
