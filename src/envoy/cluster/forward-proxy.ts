import { create } from "@bufbuild/protobuf";
import {
  type ClusterSchema,
  Cluster_DnsLookupFamily as DnsLookupFamily,
  Cluster_LbPolicy as LbPolicy,
} from "../../gen/envoy/config/cluster/v3/cluster_pb.js";
import { ClusterConfigSchema } from "../../gen/envoy/extensions/clusters/dynamic_forward_proxy/v3/cluster_pb.js";
import {
  type DnsCacheConfig,
  DnsCacheConfigSchema,
} from "../../gen/envoy/extensions/common/dynamic_forward_proxy/v3/dns_cache_pb.js";
import { packed } from "../any.ts";
import type { Init } from "../init.ts";

/** The cache of resolved names; the listener's dynamic forward proxy filter must name the very same. */
export const dnsCache: DnsCacheConfig = create(DnsCacheConfigSchema, {
  name: "dynamic_forward_proxy",
  dnsLookupFamily: DnsLookupFamily.V4_PREFERRED,
});

/** Resolves the name that a request (or TLS's SNI) calls, each when it is first called. Works only behind the filter of the same name. */
export const forwardProxy: Init<typeof ClusterSchema> = {
  lbPolicy: LbPolicy.CLUSTER_PROVIDED,
  clusterDiscoveryType: {
    case: "clusterType",
    value: {
      name: "envoy.clusters.dynamic_forward_proxy",
      typedConfig: packed(ClusterConfigSchema, {
        clusterImplementationSpecifier: { case: "dnsCacheConfig", value: dnsCache },
        // Without auto SNI of its own (plain text, or an SNI that the rule fixes) Envoy wants to be told that this is meant.
        allowInsecureClusterOptions: true,
      }),
    },
  },
};
