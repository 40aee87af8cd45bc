import { ports } from "../agent/bootstrap.ts";
import { type AppProbe, type Drain, probeResources } from "../agent/bootstrap-probes.ts";
import type { ScrapeTarget } from "../agent/bootstrap-scrapes.ts";
import { placeholder } from "./placeholder.ts";
import { type Container, type Handler, type HttpGet, type PodSpec, type Probe, proxyContainer } from "./pod.ts";

/** Probes and hooks that the proxy makes instead of the kubelet, and the containers that ask it for them. */
export interface Rewritten {
  readonly probes: readonly AppProbe[];
  readonly spec: PodSpec;
}

/** Istio's names of what is probed. Source: istio/istio pilot/cmd/pilot-agent/status/server.go. */
const probed = { readinessProbe: "readyz", livenessProbe: "livez", startupProbe: "startupz" } as const;
const hooked = { postStart: "poststartz", preStop: "prestopz" } as const;

/**
 * Sends HTTP, TCP and gRPC probes, and HTTP hooks, of a Pod's containers (and of init containers that go on running) to the proxy. Left as they
 * are: commands; what names a host, as that is not this Pod; a port's name that the container does not have, which the kubelet would refuse.
 */
export function rewriteProbes(spec: PodSpec): Rewritten {
  const probes: AppProbe[] = [];
  const rewrite = (container: Container): Container => {
    if (container.name === proxyContainer) return container;
    const taken = rewriteContainer(container);
    probes.push(...taken.probes);
    return taken.container;
  };
  const containers = (spec.containers ?? []).map(rewrite);
  const initContainers = spec.initContainers?.map(rewrite);
  return { probes, spec: { ...spec, containers, ...(initContainers === undefined ? {} : { initContainers }) } };
}

function rewriteContainer(container: Container): { container: Container; probes: readonly AppProbe[] } {
  const probes: AppProbe[] = [];
  const ask = <H extends Handler>(handler: H, path: string, often: Probe): H => {
    const check = checkOf(handler, container);
    if (check === undefined) return handler;
    const { timeoutSeconds = 1, periodSeconds = 10 } = often;
    probes.push({ path, timeoutSeconds, periodSeconds, check });
    const { tcpSocket, grpc, ...rest } = handler;
    return { ...rest, httpGet: askedOf(handler.httpGet, path) } as H;
  };
  const rewritten = Object.entries(probed).flatMap(([field, name]) => {
    const probe = container[field as keyof typeof probed];
    return probe === undefined ? [] : [[field, ask(probe, `/app-health/${container.name}/${name}`, probe)]];
  });
  const hooks = Object.entries(hooked).flatMap(([field, name]) => {
    const hook = container.lifecycle?.[field as keyof typeof hooked];
    // A hook may take its time: until the Pod's grace period is over.
    const patient = { timeoutSeconds: 0 };
    return hook?.httpGet === undefined ? [] : [[field, ask(hook, `/app-lifecycle/${container.name}/${name}`, patient)]];
  });
  const lifecycle = hooks.length === 0 ? {} : { lifecycle: { ...container.lifecycle, ...Object.fromEntries(hooks) } };
  return { container: { ...container, ...Object.fromEntries(rewritten), ...lifecycle }, probes };
}

/** The kubelet's headers stay: the proxy passes them on. */
function askedOf(said: HttpGet | undefined, path: string): HttpGet {
  const headers = said?.httpHeaders === undefined ? {} : { httpHeaders: said.httpHeaders };
  return { path, port: ports.probes, ...headers };
}

function checkOf({ httpGet, tcpSocket, grpc }: Handler, container: Container): AppProbe["check"] | undefined {
  if (httpGet !== undefined) {
    const port = portOf(httpGet.port, container);
    if (port === undefined || (httpGet.host ?? "") !== "") return undefined;
    const path = httpGet.path ?? "/";
    const tls = httpGet.scheme?.toUpperCase() === "HTTPS";
    return { http: { port, path: path.startsWith("/") ? path : `/${path}`, tls } };
  }
  if (tcpSocket !== undefined) {
    const port = portOf(tcpSocket.port, container);
    return port === undefined || (tcpSocket.host ?? "") !== "" ? undefined : { tcp: { port } };
  }
  return grpc === undefined ? undefined : { grpc: { port: grpc.port, service: grpc.service ?? "" } };
}

function portOf(port: number | string, { ports: list = [] }: Container): number | undefined {
  if (typeof port === "number") return port;
  return list.find(({ name }) => name === port)?.containerPort ?? (/^\d+$/.test(port) ? Number(port) : undefined);
}

/** What of Envoy's bootstrap answers the kubelet, and Prometheus. */
export function probeListener(
  probes: readonly AppProbe[],
  drains: readonly Drain[],
  scrapes: readonly ScrapeTarget[] | undefined,
) {
  return probeResources({ address: placeholder("INSTANCE_IP"), probes, drains, scrapes });
}
