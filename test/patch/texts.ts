/** Name of a server of a test → its port. */
export type Ports = Readonly<Record<string, number>>;

/** A gateway at ports 8080 and 9000, and two services behind it, at these ports of this machine. */
export const mesh = (ports: Ports) => `
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: {name: app}
spec:
  hosts: [app.mesh]
  resolution: STATIC
  ports: [{number: 80, name: main, protocol: HTTP}]
  endpoints: [{address: 127.0.0.1, ports: {main: ${ports["app"]}}}]
---
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: {name: health}
spec:
  hosts: [health.mesh]
  resolution: STATIC
  ports: [{number: 80, name: main, protocol: GRPC}]
  endpoints: [{address: 127.0.0.1, ports: {main: ${ports["health"]}}}]
---
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: {name: front, namespace: istio-system}
spec:
  selector: {istio: ingressgateway}
  servers:
  - {port: {number: 8080, name: http, protocol: HTTP}, hosts: ["*"]}
  - {port: {number: 9000, name: tcp, protocol: TCP}, hosts: ["*"]}
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: all}
spec:
  hosts: ["*"]
  gateways: [istio-system/front]
  http:
  - {match: [{uri: {prefix: /grpc.}}], route: [{destination: {host: health.mesh}}]}
  - {route: [{destination: {host: app.mesh}}]}
  tcp: [{match: [{port: 9000}], route: [{destination: {host: app.mesh}}]}]`;

/** An EnvoyFilter with these patches. */
export const filter = (patches: string) => `
apiVersion: networking.istio.io/v1alpha3
kind: EnvoyFilter
metadata: {name: f, namespace: istio-system}
spec:
  configPatches:${patches}`;

/** Puts a filter before the router. */
export const before = (name: string, type: string, settings: object) => `
  - applyTo: HTTP_FILTER
    match: {context: GATEWAY, listener: {filterChain: {filter: {name: envoy.filters.network.http_connection_manager, subFilter: {name: envoy.filters.http.router}}}}}
    patch:
      operation: INSERT_BEFORE
      value: {name: ${name}, typed_config: ${JSON.stringify({ "@type": `type.googleapis.com/envoy.extensions.filters.http.${type}`, ...settings })}}`;

/** Adds a cluster of one server of this test. */
export const ownCluster = (ports: Ports, name: string, http2: boolean) => `
  - applyTo: CLUSTER
    match: {context: GATEWAY}
    patch:
      operation: ADD
      value:
        name: ${name}
        type: STATIC
        connect_timeout: 1s
        load_assignment: {cluster_name: ${name}, endpoints: [{lb_endpoints: [{endpoint: {address: {socket_address: {address: 127.0.0.1, port_value: ${ports[name]}}}}}]}]}
        ${http2 ? 'typed_extension_protocol_options: {envoy.extensions.upstreams.http.v3.HttpProtocolOptions: {"@type": type.googleapis.com/envoy.extensions.upstreams.http.v3.HttpProtocolOptions, explicit_http_config: {http2_protocol_options: {}}}}' : ""}`;
