import { types } from "../model/types.ts";
import { listAll, type Step } from "../track/scope.ts";
import { usable } from "./endpoint.ts";
import { mesh } from "./mesh.ts";
import { endpoints, endpointsKey } from "./registry/endpoints.ts";
import { serviceIndex } from "./registry/service-index.ts";
import { type PodSpec, workloadByAddress } from "./registry/workload.ts";

/**
 * Ready Pods behind a port of a Kubernetes Service: for the control plane, which has no proxy. Undefined where the mesh has no such Service; one that
 * leads to what is no Pod of the mesh has none, nor one that leads to a Pod in its node's network: at that address and another port is the node
 * itself, and who may write EndpointSlices chooses the port. Key: `host:port`; the host as an application writes it, with its namespace.
 */
export const podsBehind: Step<readonly { readonly address: string; readonly port: number }[] | undefined> = {
  name: "plan/podsBehind",
  run: (scope, key) => {
    const colon = key.lastIndexOf(":");
    const [host, port] = [key.slice(0, colon), Number(key.slice(colon + 1))];
    const { domain } = scope.ask(mesh, "");
    const index = scope.ask(serviceIndex, "");
    const service = [host, `${host}.${domain}`, `${host}.svc.${domain}`]
      .flatMap((name) => index.get(name) ?? [])
      .find(({ kind, alias }) => kind === "Service" && alias === undefined);
    if (service === undefined) return undefined;
    const workloads = scope.ask(workloadByAddress, "");
    const nodes = scope.ask(addressesOfNodes, "");
    return usable(scope.ask(endpoints, endpointsKey(service, port)))
      .filter((e) => workloads.get(e.address)?.kind === "Pod" && !nodes.has(e.address))
      .map(({ address, port }) => ({ address, port }));
  },
};

/** Addresses of Pods that have their node's. */
const addressesOfNodes: Step<ReadonlySet<string>> = {
  name: "plan/addressesOfNodes",
  run: (scope) =>
    new Set(
      listAll<PodSpec>(scope, types.Pod)
        .filter(({ spec }) => spec.hostNetwork === true)
        .flatMap(({ status }) => {
          const { podIP, podIPs = [] } = (status ?? {}) as PodAddresses;
          return [...(podIP === undefined ? [] : [podIP]), ...podIPs.map(({ ip }) => ip)];
        }),
    ),
};

interface PodAddresses {
  readonly podIP?: string;
  readonly podIPs?: readonly { readonly ip: string }[];
}
