import type { Bed } from "./bed.ts";
import type { ByteStep, GrpcStep, HttpStep, TlsStep } from "./cases.ts";
import { type Answer, httpFault } from "./judge.ts";
import type { Entrance } from "./listeners.ts";
import type { Caller } from "./overlay.ts";
import type { Certificates } from "./secrets.ts";

/** What a step needs to be made. */
export interface Ground {
  readonly bed: Bed;
  /** Workloads of the mesh. */
  readonly callers: readonly Caller[];
  readonly certificates: Certificates;
  /** See listeners.ts. */
  entrances(gateway: string, backend: string, passed: boolean): readonly Entrance[];
}

/** Who calls Gateways: a Pod without a sidecar. */
const outside = "driver.calls";

export async function httpStep({ bed, callers }: Ground, step: HttpStep): Promise<string | undefined> {
  const { request, backendSetResponseHeaders } = step;
  const gateway = /^gateway\((.*)\/(.*)\)$/.exec(step.via);
  const host = request.host ?? (gateway ? (gateway[2] as string) : "echo");
  const [name = "", port = "80"] = host.split(":");
  const set = Object.entries(backendSetResponseHeaders ?? {}).map(([key, value]) => `${key}:${value}`);
  const headers = {
    ...(request.protocol === undefined ? { Host: host } : {}),
    ...request.headers,
    ...(set.length > 0 ? { "X-Echo-Set-Header": set.join(",") } : {}),
  };
  const to = { host: gateway ? addressOf(gateway[1], gateway[2]) : name, port: Number(port) };
  const kind = request.protocol === "H2C_PRIOR_KNOWLEDGE" ? "http2" : "http";
  const asked = { kind, ...to, method: request.method, path: request.path, headers };
  const answer = await bed.call(gateway ? outside : callerOf(step.via, callers), asked);
  return httpFault(step, answer, to.port);
}

/** What calls the suite makes is not in its data but for the backend that must answer: EchoThree is what no rule takes. */
export async function grpcStep({ bed }: Ground, { via, args }: GrpcStep): Promise<string | undefined> {
  const [, namespace, name] = /^gateway\((.*)\/(.*)\)$/.exec(via) ?? [];
  const { Backend, Namespace, Response } = args.expected;
  const method = Response.Code === 12 ? "EchoThree" : Backend?.endsWith("-v2") ? "EchoTwo" : "Echo";
  const path = `/gateway_api_conformance.echo_basic.grpcecho.GrpcEcho/${method}`;
  const answer = await bed.call(outside, { kind: "grpc", host: addressOf(namespace, name), port: 80, path });
  if (Number(answer.grpc) !== (Response.Code ?? 0)) return `grpc status ${answer.grpc ?? answer.error}`;
  if (Backend === undefined) return undefined;
  const fits = answer.reply?.pod.startsWith(Backend) === true && answer.reply.namespace === Namespace;
  return fits ? undefined : `${answer.reply?.pod} answered`;
}

export async function tlsStep(ground: Ground, { fn, args }: TlsStep): Promise<string | undefined> {
  const { bed, certificates } = ground;
  const [namespace, name, port] = gatewayOf(args.gwAddr);
  const { ca, client, portClient } = certificates;
  // The data does not say which certificate is shown: where it must fail, the one that is trusted on the other port.
  const fails = fn === "MakeTLSRequestAndExpectFailureResponse";
  const fitting = (port === 8443) !== fails ? portClient : client;
  const shown = args.clientCertificate === undefined ? {} : fitting;
  const tls = { sni: sniOf(args.serverName), ca, ...shown };
  const to = { host: addressOf(namespace, name), port: port ?? 443 };
  if (fn === "MakeTLSConnectionAndExpectEventuallyConnectionRejection") {
    const answer = await bed.call(outside, { kind: "bytes", ...to, tls });
    return answer.error === undefined ? "the connection was taken" : undefined;
  }
  const { Request, Response, Backend, Namespace } = args.expected ?? {};
  const { Host = "", Path = "/", Protocol } = Request ?? {};
  const asked =
    Protocol === "H2"
      ? { kind: "http2", ...to, path: Path, authority: Host, tls }
      : { kind: "http", ...to, path: Path, headers: { Host }, tls };
  const answer = await bed.call(outside, asked);
  if (fails) return answer.error === undefined ? `answered ${answer.status}` : undefined;
  const status = Response?.StatusCodes ?? [Response?.StatusCode ?? 200];
  const expect = { status, ...(Backend ? { backend: Backend, backendNamespace: Namespace ?? "" } : {}) };
  const request = { method: "GET", path: Path };
  return httpFault({ kind: "http", via: "", name: "", request, expect }, answer, to.port);
}

/** A connection, or a datagram, and who answers. */
export async function byteStep(ground: Ground, { kind, args }: ByteStep): Promise<string | undefined> {
  const { bed, certificates } = ground;
  const [namespace, name, said] = gatewayOf(args.gwAddr);
  const backend = args.expected.Backend ?? args.expected.Service ?? "";
  const secure = args.expected.BackendIsTLS === true;
  const all = said === undefined ? ground.entrances(`${namespace}/${name}`, backend, secure) : [{ port: said }];
  for (const { port, host } of all) {
    const to = { host: addressOf(namespace, name), port };
    const tls = args.useTLS ? { tls: { sni: host ?? sniOf(args.serverName), ca: certificates.ca } } : {};
    const answer = await bed.call(outside, kind === "udp" ? { kind: "udp", ...to } : { kind: "bytes", ...to, ...tls });
    const fault = byteFault(answer, backend, secure);
    if (fault !== undefined) return `port ${port}: ${fault}`;
  }
  return all.length === 0 ? `no listener leads to ${backend}` : undefined;
}

function byteFault({ data, error }: Answer, backend: string, secure: boolean): string | undefined {
  if (data === undefined) return error;
  const told = JSON.parse(data) as { readonly pod: string; readonly tls?: boolean };
  if (!told.pod.startsWith(backend)) return `${told.pod} answered`;
  return (told.tls === true) === secure ? undefined : "TLS was ended at the wrong place";
}

/** The placeholder stands for the host of the case's route. */
function sniOf(name: string | undefined): string {
  return name === undefined || name === "HOSTNAME-OF-ROUTE" ? "abc.example.com" : name;
}

function gatewayOf(address: string): readonly [string, string, number | undefined] {
  const [, namespace = "", name = "", port] = /^gateway\((.*)\/(.*)\)(?::(\d+))?$/.exec(address) ?? [];
  return [namespace, name, port === undefined ? undefined : Number(port)];
}

function addressOf(namespace: string | undefined, gateway: string | undefined): string {
  return `${gateway}-istio.${namespace}.svc.cluster.local`;
}

/** The Deployment that `pod(app=echo,version=v1 in NAMESPACE)` means. */
function callerOf(via: string, callers: readonly Caller[]): string {
  const [, labels = "", namespace] = /^pod\((.*) in (.*)\)$/.exec(via) ?? [];
  const pairs = labels.split(",").map((pair) => pair.split("=") as [string, string]);
  const found = callers.find((c) => c.namespace === namespace && pairs.every(([k, v]) => c.labels[k] === v));
  if (found === undefined) throw new Error(`nobody is ${via}`);
  return `${found.name}.${found.namespace}`;
}
