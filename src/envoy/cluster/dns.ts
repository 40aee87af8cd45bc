import type { ClusterSchema } from "../../gen/envoy/config/cluster/v3/cluster_pb.js";
import { DnsLookupFamily } from "../../gen/envoy/extensions/clusters/common/dns/v3/dns_pb.js";
import { DnsClusterSchema } from "../../gen/envoy/extensions/clusters/dns/v3/dns_cluster_pb.js";
import { duration, packed } from "../any.ts";
import type { Init } from "../init.ts";

/** Up to so much later each proxy asks again, so that not all ask at once. As in Istio. */
const jitterMs = 100;

/** The proxy resolves the names of its endpoints: each address is an endpoint (`all`), or the name is one whose next connection goes to the newest address. */
export function dnsDiscovery(all: boolean, refreshMs: number): Init<typeof ClusterSchema> {
  return {
    clusterDiscoveryType: {
      case: "clusterType",
      value: { name: "envoy.clusters.dns", typedConfig: config(!all, refreshMs) },
    },
  };
}

function config(allAddressesInSingleEndpoint: boolean, refreshMs: number) {
  return packed(DnsClusterSchema, {
    dnsRefreshRate: duration(refreshMs),
    dnsJitter: duration(jitterMs),
    respectDnsTtl: true,
    dnsLookupFamily: DnsLookupFamily.V4_PREFERRED,
    allAddressesInSingleEndpoint,
  });
}
