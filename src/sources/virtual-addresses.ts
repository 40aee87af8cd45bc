import type { Resource } from "../model/resource.ts";
import { types } from "../model/types.ts";
import { Addresses, parseRange } from "./addresses.ts";

/** Ranges that addresses are handed out of. */
export interface AddressRanges {
  /** Services without a clusterIP. */
  readonly services: string;
  /** Hosts of ServiceEntries without addresses: Istio's 240.240.0.0/16. */
  readonly serviceEntries: string;
}

export const defaultRanges: AddressRanges = { services: "10.96.0.0/16", serviceEntries: "240.240.0.0/16" };

/** Does to objects of files what an API server (Services) and Istio's address controller (ServiceEntries) do to those of a cluster. */
export class VirtualAddresses {
  readonly #services: Addresses;
  readonly #entries: Addresses;
  /** What each ServiceEntry holds, so that a host that it drops is freed. */
  readonly #hosts = new Map<string, readonly string[]>();

  constructor(ranges: AddressRanges = defaultRanges) {
    this.#services = new Addresses(parseRange(ranges.services));
    this.#entries = new Addresses(parseRange(ranges.serviceEntries));
  }

  /** Notes the addresses that objects name themselves. Call it for a whole batch before `assign`, so that none of them is given to another. */
  reserve(resource: Resource): void {
    const ip = resource.type === types.Service ? clusterIp(resource) : undefined;
    if (ip !== undefined && ip !== "None") this.#services.hold(nameOf(resource), ip);
  }

  /** The object with its address; the same object where it needs none. The answer is not frozen. */
  assign(resource: Resource): Resource {
    if (resource.type === types.Service) return this.#assignService(resource);
    if (resource.type === types.ServiceEntry) return this.#assignEntry(resource);
    return resource;
  }

  /** Frees what an object that is gone held. */
  release(resource: Resource): void {
    if (resource.type === types.Service) this.#services.release(nameOf(resource));
    if (resource.type === types.ServiceEntry) this.#holdHosts(nameOf(resource), []);
  }

  #assignService(resource: Resource): Resource {
    const spec = resource.spec as { readonly type?: string };
    if (clusterIp(resource) !== undefined) return resource;
    if (spec.type === "ExternalName") {
      this.#services.release(nameOf(resource));
      return resource;
    }
    const ip = this.#services.take(nameOf(resource));
    return ip === undefined ? resource : { ...resource, spec: { ...spec, clusterIP: ip, clusterIPs: [ip] } };
  }

  #assignEntry(resource: Resource): Resource {
    const name = nameOf(resource);
    const hosts = hostsToAddress(resource);
    this.#holdHosts(name, hosts);
    if (hosts.length === 0) return resource;
    const addresses = hosts.flatMap((host) => {
      const value = this.#entries.take(`${name}/${host}`);
      return value === undefined ? [] : [{ host, value }];
    });
    return { ...resource, status: { ...(resource.status as object | undefined), addresses } };
  }

  #holdHosts(name: string, hosts: readonly string[]): void {
    for (const host of this.#hosts.get(name) ?? []) if (!hosts.includes(host)) this.#entries.release(`${name}/${host}`);
    if (hosts.length === 0) this.#hosts.delete(name);
    else this.#hosts.set(name, hosts);
  }
}

function nameOf(resource: Resource): string {
  return `${resource.namespace}/${resource.name}`;
}

function clusterIp(resource: Resource): string | undefined {
  const ip = (resource.spec as { readonly clusterIP?: unknown }).clusterIP;
  return typeof ip === "string" && ip !== "" ? ip : undefined;
}

/** As Istio's ShouldV2AutoAllocateIP: no addresses of its own, resolution other than NONE, not opted out; hosts without a wildcard. */
export function hostsToAddress(resource: Resource): readonly string[] {
  const spec = resource.spec as { hosts?: readonly string[]; addresses?: readonly string[]; resolution?: string };
  const given = (resource.status as { addresses?: readonly unknown[] } | undefined)?.addresses;
  if ((spec.addresses?.length ?? 0) > 0 || (given?.length ?? 0) > 0) return [];
  if (spec.resolution === undefined || spec.resolution === "NONE") return [];
  if (resource.labels["networking.istio.io/enable-autoallocate-ip"] === "false") return [];
  return [...new Set(spec.hosts ?? [])].filter((host) => !host.includes("*"));
}
