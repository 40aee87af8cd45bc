import type { BackendObjectReference } from "../../gen/gateway-api/http-route.ts";
import type { Ref } from "../../model/resource.ts";
import { types } from "../../model/types.ts";
import type { Scope } from "../../track/scope.ts";
import { mesh } from "../mesh.ts";
import { seenFrom, servicesNamed } from "../registry/service-index.ts";
import type { DestinationRef } from "../route/destination.ts";
import { mayRefer, typeIn } from "./grants.ts";

/** Why a backend gets no traffic: a reason of the specification's condition `ResolvedRefs`. */
export interface BackendFault {
  readonly reason: "InvalidKind" | "BackendNotFound" | "RefNotPermitted" | "UnsupportedProtocol" | "UnsupportedValue";
  /** A sentence without a full stop. */
  readonly message: string;
}

/** Who asks where a backend is. */
export interface Referrer {
  /** The route. */
  readonly from: Ref;
  /** Of a mesh's route: as in Istio no ReferenceGrant is asked for, as any client may call any service. */
  readonly inMesh: boolean;
}

/** Istio's stand-in for hosts of ServiceEntries. */
const hostnameType = "Hostname.networking.istio.io";
const serviceImportType = "ServiceImport.multicluster.x-k8s.io";

/**
 * The service that a backendRef means: a Service, a ServiceImport (which stands for the Service of its name), or by `kind: Hostname` a host of the
 * mesh.
 */
export function backendOf(
  scope: Scope,
  { from, inMesh }: Referrer,
  said: BackendObjectReference,
): DestinationRef | BackendFault {
  const type = typeIn(said.group ?? "", said.kind ?? "Service");
  const datagrams = from.type === types.UdpRoute;
  if (type === hostnameType) return hostname(scope, from.namespace, said, datagrams);
  if (type !== types.Service && type !== serviceImportType)
    return { reason: "InvalidKind", message: `a backend cannot be of kind ${type}` };
  const namespace = said.namespace ?? from.namespace;
  if (!inMesh && !mayRefer(scope, from, { type, namespace, name: said.name }))
    return {
      reason: "RefNotPermitted",
      message: `no ReferenceGrant in namespace ${namespace} lets this route refer to ${said.kind ?? "Service"} ${said.name} there`,
    };
  const { domain } = scope.ask(mesh, "");
  return existing(scope, namespace, `${said.name}.${namespace}.svc.${domain}`, { number: said.port, datagrams });
}

/** Whether that is a fault and no service. */
export function isFault(found: DestinationRef | BackendFault): found is BackendFault {
  return "reason" in found;
}

function hostname(
  scope: Scope,
  viewer: string,
  said: BackendObjectReference,
  datagrams: boolean,
): DestinationRef | BackendFault {
  if (said.namespace !== undefined)
    return { reason: "UnsupportedValue", message: "a backend of kind Hostname has no namespace" };
  return existing(scope, viewer, said.name.toLowerCase(), { number: said.port, datagrams });
}

/** A port that is called, with a stream or with datagrams: a number may stand for one of each. */
interface CalledPort {
  readonly number: number | undefined;
  readonly datagrams: boolean;
}

function existing(
  scope: Scope,
  viewer: string,
  host: string,
  { number: port, datagrams }: CalledPort,
): DestinationRef | BackendFault {
  if (port === undefined) return { reason: "UnsupportedValue", message: `the backend ${host} has no port` };
  const service = seenFrom(scope.ask(servicesNamed, host), viewer);
  if (service === undefined) return { reason: "BackendNotFound", message: `there is no service ${host}` };
  const found = service.ports.filter((p) => p.number === port);
  if (found.length === 0) return { reason: "BackendNotFound", message: `the service ${host} has no port ${port}` };
  if (!found.some((p) => (p.protocol === "udp") === datagrams)) {
    const message = `port ${port} of the service ${host} is ${datagrams ? "not " : ""}UDP`;
    return { reason: "UnsupportedProtocol", message };
  }
  return { host: service.host, subset: "", port };
}
