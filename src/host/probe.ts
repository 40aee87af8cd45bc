import { request as httpRequest } from "node:http";
import { connect as connectHttp2, constants } from "node:http2";
import { request as httpsRequest } from "node:https";
import { connect } from "node:net";
import { attemptProbe } from "./probe-exec.ts";
import type { Container, Probe } from "./workload.ts";

/** How a probe reaches its application. */
export interface ProbeTarget {
  readonly address: string;
  /** Source address that is not captured; undefined: any. */
  readonly from: string | undefined;
  readonly ports: Container["ports"];
  /** A command inside the Pod, its environment, and where it begins. */
  readonly enter: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

/** Tries once; undefined for success, else what was wrong: `GET /health: status 503`. */
export async function tryProbe(probe: Probe, target: ProbeTarget): Promise<string | undefined> {
  const timeoutMs = (probe.timeoutSeconds ?? 1) * 1000;
  try {
    if (probe.httpGet) return await httpGet(probe.httpGet, target, timeoutMs);
    if (probe.tcpSocket) return await tcp(probe.tcpSocket, target, timeoutMs);
    if (probe.grpc) return await grpc(probe.grpc, target, timeoutMs);
    if (probe.exec) return await attemptProbe([...target.enter, ...(probe.exec.command ?? [])], target.env, timeoutMs);
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}

function portOf(port: number | string, target: ProbeTarget): number {
  if (typeof port === "number") return port;
  const found = target.ports?.find((p) => p.name === port)?.containerPort ?? Number(port);
  if (!Number.isInteger(found)) throw new Error(`the container has no port named ${port}`);
  return found;
}

const source = (target: ProbeTarget) => (target.from === undefined ? {} : { localAddress: target.from });

function httpGet(
  get: NonNullable<Probe["httpGet"]>,
  target: ProbeTarget,
  timeoutMs: number,
): Promise<string | undefined> {
  const path = get.path ?? "/";
  const headers: Record<string, string> = { "user-agent": "kube-probe/weft" };
  for (const { name, value } of get.httpHeaders ?? []) headers[name.toLowerCase()] = value;
  const options = {
    ...source(target),
    host: get.host ?? target.address,
    port: portOf(get.port, target),
    path: path.startsWith("/") ? path : `/${path}`,
    headers,
    agent: false as const,
    signal: AbortSignal.timeout(timeoutMs),
    // A kubelet does not verify the certificate of what it probes.
    rejectUnauthorized: false,
  };
  return new Promise((resolve, reject) => {
    const send = get.scheme === "HTTPS" ? httpsRequest : httpRequest;
    const sent = send(options, (answer) => {
      const status = answer.statusCode ?? 0;
      answer.destroy();
      resolve(status >= 200 && status < 400 ? undefined : `GET ${path}: status ${status}`);
    });
    sent.on("error", (error) =>
      reject(new Error(`GET ${path}: ${options.signal.aborted ? "no answer in time" : error.message}`)),
    );
    sent.end();
  });
}

function tcp(probe: NonNullable<Probe["tcpSocket"]>, target: ProbeTarget, timeoutMs: number): Promise<undefined> {
  const port = portOf(probe.port, target);
  const socket = connect({ ...source(target), host: probe.host ?? target.address, port });
  return new Promise<undefined>((resolve, reject) => {
    socket.setTimeout(timeoutMs, () => reject(new Error(`port ${port}: no answer in time`)));
    socket.on("error", (error) => reject(new Error(`port ${port}: ${error.message}`)));
    socket.on("connect", () => resolve(undefined));
  }).finally(() => socket.destroy());
}

/** `grpc.health.v1.Health/Check`: request field 1 is the service, answer field 1 the status, of which 1 is SERVING. */
function grpc(probe: NonNullable<Probe["grpc"]>, target: ProbeTarget, timeoutMs: number): Promise<string | undefined> {
  const socket = () => connect({ ...source(target), host: target.address, port: probe.port });
  const session = connectHttp2(`http://${target.address}:${probe.port}`, { createConnection: socket });
  const service = Buffer.from(probe.service ?? "");
  const message =
    service.length === 0 ? Buffer.alloc(0) : Buffer.concat([Buffer.from([0x0a, service.length]), service]);
  const frame = Buffer.concat([Buffer.from([0, 0, 0, 0, message.length]), message]);
  return new Promise<string | undefined>((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error("gRPC health: no answer in time")), timeoutMs);
    session.on("error", reject);
    session.on("close", () => clearTimeout(timer));
    const path = "/grpc.health.v1.Health/Check";
    const headers = {
      [constants.HTTP2_HEADER_METHOD]: "POST",
      [constants.HTTP2_HEADER_PATH]: path,
      "content-type": "application/grpc",
      te: "trailers",
    };
    const stream = session.request(headers);
    let answer = Buffer.alloc(0);
    stream.on("error", reject);
    stream.on("data", (part: Buffer) => {
      answer = Buffer.concat([answer, part]);
    });
    stream.on("end", () =>
      resolve(answer.length >= 7 && answer[5] === 0x08 && answer[6] === 1 ? undefined : "gRPC health: not SERVING"),
    );
    stream.end(frame);
  }).finally(() => session.destroy());
}
