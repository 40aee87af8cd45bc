import type { ClusterSchema } from "../../gen/envoy/config/cluster/v3/cluster_pb.js";
import { DnsLookupFamily } from "../../gen/envoy/extensions/clusters/common/dns/v3/dns_pb.js";
import { DnsClusterSchema } from "../../gen/envoy/extensions/clusters/dns/v3/dns_cluster_pb.js";
import { duration, packed } from "../any.ts";
import type { Init } from "../init.ts";

/** How often names are resolved again where the answer's own time to live says nothing. As in Istio. */
const refreshMs = 60_000;

/** The proxy resolves the names of its endpoints: each address is an endpoint (`all`), or the name is one whose next connection goes to the newest address. */
export function dnsDiscovery(all: boolean): Init<typeof ClusterSchema> {
  return {
    clusterDiscoveryType: {
      case: "clusterType",
      value: { name: "envoy.clusters.dns", typedConfig: all ? every : one },
    },
  };
}

const every = config(false);
const one = config(true);

function config(allAddressesInSingleEndpoint: boolean) {
  return packed(DnsClusterSchema, {
    dnsRefreshRate: duration(refreshMs),
    respectDnsTtl: true,
    dnsLookupFamily: DnsLookupFamily.V4_PREFERRED,
    allAddressesInSingleEndpoint,
  });
}
