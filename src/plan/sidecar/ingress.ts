import type { ConnectionPoolSettings, IstioIngressListener, ServerTLSSettings } from "../../gen/istio/sidecar.ts";
import type { Scope } from "../../track/scope.ts";
import { type ConnectionPoolPlan, connectionPool } from "../cluster/connection-pool.ts";
import { mesh } from "../mesh.ts";
import { namedProtocol, type Protocol } from "../protocol.ts";
import { sidecarSpec } from "./egress.ts";

/** Where the proxy hands on what a port takes in; absent: to the address that was called. */
export type InboundTarget =
  | { readonly kind: "address"; readonly address: string; readonly port: number }
  | { readonly kind: "socket"; readonly path: string };

/** Limits of the connections to an application. */
export interface InboundPool {
  readonly limits: ConnectionPoolPlan;
  /** The application is spoken to as the caller spoke. */
  readonly asClient: boolean;
}

/** One port that a Sidecar opens. */
export interface Ingress {
  readonly port: number;
  readonly protocol: Protocol;
  readonly to?: InboundTarget;
  readonly pool?: InboundPool;
  /** Ends TLS of callers outside of the mesh, where the mesh's own is off. */
  readonly tls?: ServerTLSSettings;
  /** Nothing is captured for it: the proxy listens here itself. */
  readonly bind?: string;
}

/** The ports that a Sidecar opens instead of those of services; undefined where it names none. `ip` is the workload's own address. */
export function ingressOf(scope: Scope, sidecar: string | undefined, ip: string): readonly Ingress[] | undefined {
  const spec = sidecar === undefined ? undefined : scope.ask(sidecarSpec, sidecar);
  if (!spec?.ingress?.length) return undefined;
  return spec.ingress.map((said) => ingress(scope, said, ip, said.connectionPool ?? spec.inboundConnectionPool));
}

/** Limits that a Sidecar sets for all ports. */
export function inboundPool(scope: Scope, sidecar: string | undefined): InboundPool | undefined {
  return sidecar === undefined ? undefined : poolOf(scope, scope.ask(sidecarSpec, sidecar)?.inboundConnectionPool);
}

function ingress(
  scope: Scope,
  { port, bind, captureMode, defaultEndpoint, tls }: IstioIngressListener,
  ip: string,
  settings: ConnectionPoolSettings | undefined,
): Ingress {
  const to = defaultEndpoint === undefined ? undefined : target(defaultEndpoint, ip);
  const pool = poolOf(scope, settings);
  // A wildcard would take the place of the listeners for what goes out.
  const own = bind === undefined || bind === "" || bind === "0.0.0.0" || bind === "::" ? ip : bind;
  return {
    port: port.number ?? 0,
    protocol: namedProtocol(port.protocol),
    ...(to === undefined ? {} : { to }),
    ...(pool === undefined ? {} : { pool }),
    ...(tls === undefined ? {} : { tls }),
    ...(captureMode === "NONE" ? { bind: own } : {}),
  };
}

/** `127.0.0.1:8080`, `0.0.0.0:8080` (the workload's own address), `:8080` (the same), `unix:///path`. */
function target(text: string, ip: string): InboundTarget | undefined {
  if (text.startsWith("unix://")) return { kind: "socket", path: text.slice("unix://".length) };
  const colon = text.lastIndexOf(":");
  const host = text.slice(0, colon).replace(/^\[|\]$/g, "");
  const port = Number(text.slice(colon + 1));
  if (!Number.isInteger(port)) return undefined;
  return { kind: "address", address: host === "127.0.0.1" || host === "::1" ? host : ip, port };
}

function poolOf(scope: Scope, settings: ConnectionPoolSettings | undefined): InboundPool | undefined {
  if (settings === undefined) return undefined;
  return {
    limits: connectionPool(settings, undefined, scope.ask(mesh, "")),
    asClient: settings.http?.useClientProtocol === true,
  };
}
