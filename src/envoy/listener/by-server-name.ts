import { create } from "@bufbuild/protobuf";
import { type Filter, FilterSchema } from "../../gen/envoy/config/listener/v3/listener_components_pb.js";
import { FilterConfigSchema } from "../../gen/envoy/extensions/filters/network/sni_dynamic_forward_proxy/v3/sni_dynamic_forward_proxy_pb.js";
import { packed } from "../any.ts";
import { dnsCache } from "../cluster/forward-proxy.ts";

/** Resolves the server name that TLS calls, for the cluster that goes by names: before the TCP proxy. None where no name is meant. */
export function byServerName(port: number | undefined): readonly Filter[] {
  if (port === undefined) return [];
  const value = packed(FilterConfigSchema, {
    dnsCacheConfig: dnsCache,
    portSpecifier: { case: "portValue", value: port },
  });
  return [
    create(FilterSchema, {
      name: "envoy.filters.network.sni_dynamic_forward_proxy",
      configType: { case: "typedConfig", value },
    }),
  ];
}
