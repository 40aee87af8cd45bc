import type { ServerTLSSettings } from "../../gen/istio/gateway.ts";
import type { Scope, Step } from "../../track/scope.ts";
import type { TcpRoute } from "../route/tcp-routes.ts";
import { type Tunnel, tunnelTo } from "../route/tunnel.ts";
import { serverNames } from "../server-name.ts";
import { parseView, type View } from "../view.ts";
import { type Passed, passedClusters, passesAll, takes } from "./auto-passthrough.ts";
import { type L4Route, l4Routes } from "./l4-routes.ts";
import type { GatewayRoutesKey } from "./routes.ts";
import { type GatewayServer, gatewayTableName, isPlainHttp, isTerminatedHttp, speaksHttp3, tlsRole } from "./server.ts";
import { gatewayServers } from "./servers.ts";

/** A port that a router listens on. */
export interface GatewayListener {
  readonly address: string;
  readonly port: number;
  /** `quic` is the UDP port of the same number, for HTTP/3. */
  readonly transport: "tcp" | "quic";
  /** Some of its servers take gRPC-web of browsers. */
  readonly grpcWeb: boolean;
  readonly chains: readonly GatewayChain[];
  readonly origins: readonly string[];
}

/** What becomes of some of a listener's connections. */
export type GatewayChain = Connections &
  (
    | { readonly kind: "http"; readonly table: string }
    | { readonly kind: "tcp"; readonly destinations: readonly Destination[]; readonly byName?: number }
  );

type Destination = TcpRoute["destinations"][number] & { readonly tunnel?: Tunnel };

interface Connections {
  /** TLS that is ended here or handed on; else plain. */
  readonly secure: boolean;
  /** Server names of TLS, `*.example.com` among them; empty is any. */
  readonly serverNames: readonly string[];
  /** How TLS is ended here. */
  readonly tls?: ServerTLSSettings;
}

/**
 * Listeners of a router. Servers of one port share a listener: plain HTTP as one, TLS apart by its server name. A server that no proxy would
 * take (TLS without a certificate) is left out. Key: JSON of `GatewayRoutesKey`.
 */
export const gatewayListeners: Step<readonly GatewayListener[]> = {
  name: "plan/gatewayListeners",
  run: (scope, key) => {
    const { router, view } = JSON.parse(key) as GatewayRoutesKey;
    const servers = scope.ask(gatewayServers, JSON.stringify(router)).filter((s) => s.protocol !== "udp");
    const byPort = Map.groupBy(servers, (server) => `${server.bind || "0.0.0.0"}_${server.listen}`);
    return [...byPort.values()].flatMap((sharing) => {
      const [first] = sharing;
      if (first === undefined) return [];
      const plain = sharing.find((server) => server.tls === undefined || isPlainHttp(server));
      const made = sharing.map((server) => {
        if (isPlainBytes(server) && server !== plain) return nothing;
        if (!passesAll(server)) return chainsOf(scope, server, parseView(view));
        return { chains: passedChains(scope.ask(passedClusters, key), server), origins: [] };
      });
      const chains = distinct(made.flatMap((m) => m.chains));
      if (chains.length === 0) return [];
      const origins = [...new Set([...sharing.map((s) => s.at), ...made.flatMap((m) => m.origins)])];
      const place = { address: first.bind || "0.0.0.0", port: first.listen, grpcWeb: sharing.some(isGrpcWeb), origins };
      const quic = distinct(made.flatMap((m, i) => (speaksHttp3(sharing[i] as GatewayServer) ? m.chains : [])));
      return [
        { ...place, transport: "tcp" as const, chains },
        ...(quic.length === 0 ? [] : [{ ...place, transport: "quic" as const, chains: quic }]),
      ];
    });
  },
};

function isGrpcWeb({ protocol }: GatewayServer): boolean {
  return protocol === "grpc-web";
}

function passedChains(passed: readonly Passed[], server: GatewayServer): readonly GatewayChain[] {
  return passed
    .filter(({ plan }) => takes(server, plan.service.host))
    .map(({ plan: { name, service, subset } }) => ({
      kind: "tcp",
      secure: true,
      serverNames: [name],
      destinations: [{ cluster: name, weight: 1, host: service.host, subset }],
    }));
}

interface Made {
  readonly chains: readonly GatewayChain[];
  /** Of VirtualServices. */
  readonly origins: readonly string[];
}

const nothing: Made = { chains: [], origins: [] };

/** Of those that are not told apart, the first has the port, whether or not anything is routed to it. */
function isPlainBytes(server: GatewayServer): boolean {
  return server.tls === undefined && !isPlainHttp(server) && !isTerminatedHttp(server);
}

function chainsOf(scope: Scope, server: GatewayServer, view: View): Made {
  const table = { kind: "http", table: gatewayTableName(server) } as const;
  if (isPlainHttp(server)) return { chains: [{ ...table, secure: false, serverNames: [] }], origins: [] };
  const role = tlsRole(server);
  const names = serverNames(server.hosts.map((h) => h.host));
  if (isTerminatedHttp(server)) {
    const ended = server.tls === undefined ? {} : { tls: server.tls };
    const chains = names === undefined ? [] : [{ ...table, ...ended, secure: true, serverNames: names }];
    return { chains, origins: [] };
  }
  if (server.tls !== undefined && role === undefined) return { chains: [], origins: [] };
  const found = l4Routes(scope, server, view, role === "pass" ? "tls" : "tcp");
  return {
    chains: found.flatMap((f) =>
      l4Chain(server, role, { ...f, destinations: f.destinations.map((d) => tunnelled(scope, view, d)) }),
    ),
    origins: found.flatMap((f) => f.origins),
  };
}

function tunnelled(scope: Scope, view: View, destination: TcpRoute["destinations"][number]): Destination {
  const tunnel = tunnelTo(scope, view, destination);
  return tunnel === undefined ? destination : { ...destination, tunnel };
}

function l4Chain(
  server: GatewayServer,
  role: "end" | "pass" | undefined,
  { destinations, serverHosts, byName }: L4Route,
): readonly GatewayChain[] {
  if (role === undefined) return [{ kind: "tcp", destinations, secure: false, serverNames: [] }];
  const names = serverNames(serverHosts);
  if (names === undefined) return [];
  const ended = role === "end" && server.tls !== undefined ? { tls: server.tls } : {};
  const named = byName === undefined || role === "end" ? {} : { byName };
  return [{ kind: "tcp", destinations, ...named, secure: true, serverNames: names, ...ended }];
}

/** A proxy refuses a listener with two chains for the same connections: the first, of the oldest Gateway, counts. */
function distinct(chains: readonly GatewayChain[]): readonly GatewayChain[] {
  const taken = new Set<string>();
  return chains.flatMap((chain) => {
    const names = chain.serverNames.length === 0 ? [chain.secure ? "any TLS" : "plain"] : chain.serverNames;
    const free = names.filter((name) => !taken.has(name));
    for (const name of free) taken.add(name);
    if (free.length === 0) return [];
    return [chain.serverNames.length === 0 ? chain : { ...chain, serverNames: free }];
  });
}
