import type { Step } from "../track/scope.ts";
import { endpoints, endpointsKey } from "./registry/endpoints.ts";
import { serviceIndex } from "./registry/service-index.ts";

/** A virtual address of a service with what stands behind it: for those who have no proxy to ask. */
export interface ServiceAddress {
  readonly address: string;
  readonly port: number;
  readonly protocol: "tcp" | "udp";
  readonly targets: readonly { readonly address: string; readonly port: number }[];
}

const ipv4 = /^\d{1,3}(\.\d{1,3}){3}$/;

/** Virtual addresses of Kubernetes Services with their ready endpoints. Key: none. */
export const serviceAddresses: Step<readonly ServiceAddress[]> = {
  name: "plan/serviceAddresses",
  run: (scope) =>
    [...scope.ask(serviceIndex, "").values()].flat().flatMap((service) => {
      if (service.kind !== "Service") return [];
      return service.addresses
        .filter((a) => ipv4.test(a))
        .flatMap((address) =>
          service.ports.map((port) => ({
            address,
            port: port.number,
            protocol: port.protocol === "udp" ? ("udp" as const) : ("tcp" as const),
            targets: scope
              .ask(endpoints, endpointsKey(service, port.number))
              .filter((e) => e.healthy && ipv4.test(e.address))
              .map((e) => ({ address: e.address, port: e.port })),
          })),
        );
    }),
};
