import type { ServiceEntrySpec, WorkloadEntrySpec } from "../../gen/istio/service-entry.ts";
import type { Resource } from "../../model/resource.ts";
import { types } from "../../model/types.ts";
import type { Scope, Step } from "../../track/scope.ts";
import type { Endpoint } from "../endpoint.ts";
import type { Service, ServicePort } from "../service.ts";
import { serviceIndex } from "./service-index.ts";
import { selectWorkloads, type Workload, workloadByAddress, workloadName, workloadOfPod } from "./workload.ts";

/** The key of `endpoints`. */
export function endpointsKey(service: Pick<Service, "type" | "namespace" | "name" | "host">, port: number): string {
  return `${service.type}|${service.namespace}|${service.name}|${port}|${service.host}`;
}

const none: readonly Endpoint[] = Object.freeze([]);

/** All endpoints of a service's port, of any subset, ready or not. Key: `endpointsKey`. */
export const endpoints: Step<readonly Endpoint[]> = {
  name: "plan/endpoints",
  run: (scope, key) => {
    const [type, namespace, name, number, host] = key.split("|") as [string, string, string, string, string];
    const service = scope.ask(serviceOf, `${type}|${namespace}|${name}|${host}`);
    const port = service?.ports.find((p) => p.number === Number(number));
    if (service === undefined || port === undefined) return none;
    return service.kind === "Service"
      ? ofKubernetesService(scope, service, port)
      : ofServiceEntry(scope, service, port);
  },
};

const serviceOf: Step<Service | undefined> = {
  name: "plan/serviceOf",
  run: (scope, key) => {
    const [type, namespace, name, host] = key.split("|") as [string, string, string, string];
    return scope
      .ask(serviceIndex, "")
      .get(host)
      ?.find((s) => s.type === type && s.namespace === namespace && s.name === name);
  },
};

interface EndpointSliceData {
  readonly endpoints?: readonly {
    readonly addresses: readonly string[];
    readonly conditions?: { readonly ready?: boolean };
    readonly hostname?: string;
    readonly zone?: string;
    readonly targetRef?: { readonly kind?: string; readonly namespace?: string; readonly name?: string };
  }[];
  readonly ports?: readonly { readonly name?: string; readonly port?: number }[];
}

/** Slices by the service that they name. Key: namespace. */
const slicesByService: Step<ReadonlyMap<string, readonly Resource[]>> = {
  name: "plan/slicesByService",
  run: (scope, namespace) => {
    const index = new Map<string, Resource[]>();
    for (const slice of scope.list(types.EndpointSlice, namespace)) {
      const service = slice.labels["kubernetes.io/service-name"];
      if (service !== undefined) index.set(service, [...(index.get(service) ?? []), slice]);
    }
    return index;
  },
};

/** What a legacy Endpoints object says. */
interface EndpointsData {
  readonly subsets?: readonly {
    readonly addresses?: readonly EndpointsAddress[];
    readonly notReadyAddresses?: readonly EndpointsAddress[];
    readonly ports?: EndpointSliceData["ports"];
  }[];
}

interface EndpointsAddress {
  readonly ip: string;
  readonly hostname?: string;
}

function asSlice(subset: NonNullable<EndpointsData["subsets"]>[number]): EndpointSliceData {
  const all = (addresses: readonly EndpointsAddress[] = [], ready: boolean) =>
    addresses.map(({ ip, hostname }) => ({
      addresses: [ip],
      conditions: { ready },
      ...(hostname === undefined ? {} : { hostname }),
    }));
  return {
    endpoints: [...all(subset.addresses, true), ...all(subset.notReadyAddresses, false)],
    ...(subset.ports === undefined ? {} : { ports: subset.ports }),
  };
}

/** What is said of a service's endpoints: by EndpointSlices, else by its Endpoints. Key: `namespace/service`. */
const slicesOf: Step<readonly EndpointSliceData[]> = {
  name: "plan/slicesOf",
  run: (scope, key) => {
    const slash = key.indexOf("/");
    const [namespace, name] = [key.slice(0, slash), key.slice(slash + 1)];
    const slices = scope.ask(slicesByService, namespace).get(name) ?? [];
    if (slices.length > 0) return slices.map((slice) => (slice.data ?? {}) as EndpointSliceData);
    const legacy = scope.get({ type: types.Endpoints, namespace, name })?.data as EndpointsData | undefined;
    return (legacy?.subsets ?? []).map(asSlice);
  },
};

function ofKubernetesService(scope: Scope, service: Service, port: ServicePort): readonly Endpoint[] {
  if (service.alias !== undefined) return [external(service, service.alias, port)];
  const found = endpointsNow(scope, service, port);
  return service.publishNotReady === true ? found.map((e) => ({ ...e, healthy: true })) : found;
}

function endpointsNow(scope: Scope, service: Service, port: ServicePort): readonly Endpoint[] {
  const slices = scope.ask(slicesOf, `${service.namespace}/${service.name}`);
  if (slices.length > 0) return oneOfEach(slices.flatMap((slice) => ofSlice(scope, service, port, slice)));
  if (service.selector === undefined) return none;
  return selectWorkloads(scope, service.namespace, service.selector).flatMap((w) => ofWorkload(w, port));
}

/** An endpoint with the workload behind it. */
interface Found {
  readonly endpoint: Endpoint;
  readonly workload?: Workload;
}

function ofSlice(scope: Scope, service: Service, port: ServicePort, data: EndpointSliceData): readonly Found[] {
  const number = portIn(data.ports ?? [], service, port);
  if (number === undefined) return [];
  return (data.endpoints ?? []).flatMap((said) => {
    const behind = said.targetRef?.kind === "Pod" ? podOf(scope, service, said.targetRef) : undefined;
    // A slice may come before its Pod does. Who it is, and whether it takes mTLS, is not known until then.
    if (behind === "unknown") return [];
    return said.addresses.map((address) => {
      const workload = behind ?? scope.ask(workloadByAddress, "").get(address);
      const known =
        workload === undefined ? outside(service, address, port, said.hostname) : fromWorkload(workload, number);
      const healthy = said.conditions?.ready !== false && known.healthy;
      return {
        endpoint: { ...known, address, port: number, healthy },
        ...(workload === undefined ? {} : { workload }),
      };
    });
  });
}

/** The port of a slice that stands for a service's: that of its name. A service with one port need not name it as the slice does. */
function portIn(said: NonNullable<EndpointSliceData["ports"]>, service: Service, port: ServicePort) {
  const named = said.find((p) => (p.name ?? "") === port.name);
  return (named ?? (said.length === 1 && service.ports.length === 1 ? said[0] : undefined))?.port;
}

function podOf(
  scope: Scope,
  service: Service,
  { namespace = service.namespace, name = "" }: { readonly namespace?: string; readonly name?: string },
): Workload | "unknown" {
  return scope.ask(workloadOfPod, `${namespace}/${name}`) ?? "unknown";
}

/** A workload that slices name once for each family of addresses is one endpoint, at its first address if the service has that. */
function oneOfEach(found: readonly Found[]): readonly Endpoint[] {
  const first = new Map<string, Found>();
  for (const one of found) {
    const { endpoint, workload } = one;
    const { namespace, instance } = endpoint.workload;
    const who = workload === undefined ? endpoint.address : `${workload.kind} ${namespace}/${instance}`;
    const key = `${who}|${endpoint.port}`;
    const before = first.get(key);
    if (before === undefined || endpoint.address === workload?.address) first.set(key, one);
  }
  return [...first.values()].map(({ endpoint }) => endpoint);
}

function ofWorkload(workload: Workload, port: ServicePort): readonly Endpoint[] {
  const named = workload.ports[workload.kind === "WorkloadEntry" ? port.name : String(port.targetPort)];
  const number =
    typeof port.targetPort === "number"
      ? workload.kind === "WorkloadEntry"
        ? (named ?? port.targetPort)
        : port.targetPort
      : named;
  return number === undefined ? none : [fromWorkload(workload, number)];
}

function fromWorkload(workload: Workload, port: number): Endpoint {
  const { address, labels, locality, network, weight, ready, unheard, mtls, name } = workload;
  const health = { healthy: ready, ...(unheard ? { unheard } : {}) };
  return { address, port, labels, locality, network, weight, ...health, mtls, workload: name };
}

/** Of all entries that say the service together, each where it has the port. */
function ofServiceEntry(scope: Scope, service: Service, port: ServicePort): readonly Endpoint[] {
  if (service.resolution === "none" || service.resolution === "dynamic-dns") return none;
  return (service.entries ?? [service.name]).flatMap((name) => {
    const ref = { type: service.type, namespace: service.namespace, name };
    const spec = scope.get<ServiceEntrySpec>(ref)?.spec;
    const said = spec?.ports?.find((p) => p.number === port.number);
    if (spec === undefined || said === undefined) return [];
    const own = { ...port, name: said.name ?? "", targetPort: said.targetPort ?? port.number };
    return ofEntry(scope, service, own, spec);
  });
}

function ofEntry(scope: Scope, service: Service, port: ServicePort, spec: ServiceEntrySpec): readonly Endpoint[] {
  const selector = spec.workloadSelector?.labels;
  if (selector !== undefined && Object.keys(selector).length > 0)
    return selectWorkloads(scope, service.namespace, selector).flatMap((w) => ofWorkload(w, port));
  const inline = spec.endpoints ?? [];
  if (inline.length === 0) return service.resolution === "static" ? none : [external(service, service.host, port)];
  return inline.map((entry) => inlineEndpoint(service, port, entry));
}

function inlineEndpoint(service: Service, port: ServicePort, entry: WorkloadEntrySpec): Endpoint {
  const labels = entry.labels ?? {};
  const owner = labels["service.istio.io/workload-name"] ?? service.name;
  return {
    address: entry.address ?? service.host,
    port: entry.ports?.[port.name] ?? (typeof port.targetPort === "number" ? port.targetPort : port.number),
    labels,
    locality: entry.locality ?? labels["istio-locality"]?.replaceAll(".", "/") ?? "",
    network: entry.network ?? "",
    weight: entry.weight ?? 1,
    healthy: true,
    mtls: !service.external && labels["security.istio.io/tlsMode"] === "istio",
    workload: workloadName({ namespace: service.namespace, name: owner, labels }, entry.serviceAccount ?? "", owner),
  };
}

/** The same, with the name that its slice gives it. */
function outside(service: Service, address: string, port: ServicePort, hostname = ""): Endpoint {
  const made = external(service, address, port);
  return { ...made, workload: { ...made.workload, instance: hostname } };
}

/** An endpoint that no workload of ours stands behind. */
function external(service: Service, address: string, port: ServicePort): Endpoint {
  const workload = {
    name: "",
    namespace: service.namespace,
    serviceAccount: "",
    app: "",
    version: "",
    kubeCluster: "",
    instance: "",
  };
  return {
    address,
    // Names of ports are a workload's.
    port: typeof port.targetPort === "number" ? port.targetPort : port.number,
    labels: {},
    locality: "",
    network: "",
    weight: 1,
    healthy: true,
    mtls: false,
    workload,
  };
}
