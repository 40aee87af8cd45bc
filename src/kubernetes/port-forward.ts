import type { IncomingMessage } from "node:http";
import type { RequestOptions } from "node:https";
import { Duplex } from "node:stream";
import { text } from "node:stream/consumers";
import type { KubeConfig } from "@kubernetes/client-node";
import { WebSocket } from "ws";
import { errorOf, KubernetesError } from "./error.ts";

/** A port inside a Pod, its loopback included. */
export interface PodPort {
  readonly namespace: string;
  readonly pod: string;
  readonly port: number;
}

const subprotocol = "v4.channel.k8s.io";
const data = 0;
/** Each channel begins with its port's number in two bytes. */
const portBytes = 2;

/**
 * A byte stream to a port of a Pod, through the API server and the node's kubelet, by WebSocket. The protocol knows no half-close: an end closes both
 * ways. Rejects with a KubernetesError where it is not let through; the stream errs where nothing listens in the Pod.
 * https://github.com/kubernetes/kubernetes/blob/v1.34.0/pkg/kubelet/server/portforward (subprotocol v4.channel.k8s.io)
 */
export async function portForward(config: KubeConfig, at: PodPort, openMs = 5000): Promise<Duplex> {
  const { namespace, pod, port } = at;
  const path = `/api/v1/namespaces/${namespace}/pods/${pod}/portforward?ports=${port}`;
  const server = (config.getCurrentCluster()?.server ?? "").replace(/^http/, "ws").replace(/\/+$/, "");
  const credentials: RequestOptions = {};
  await config.applyToHTTPSOptions(credentials);
  const { headers, ca, cert, key, auth, agent, servername, rejectUnauthorized } = credentials;
  const tls = { headers, ca, cert, key, auth, agent, servername, rejectUnauthorized } as WebSocket.ClientOptions;
  const options = { ...tls, handshakeTimeout: openMs, perMessageDeflate: false };
  const socket = new WebSocket(server + path, [subprotocol], options);
  // Before it opens: what the kubelet says first must not be missed.
  const channel = new Channel(socket, at);
  await new Promise<void>((resolve, reject) => {
    socket.once("open", resolve);
    socket.once("unexpected-response", (_, answer) => {
      refusal(answer).then(reject, reject);
    });
    socket.once("error", (error: NodeJS.ErrnoException) => reject(noWay(error, at)));
  });
  return channel;
}

async function refusal(answer: IncomingMessage): Promise<KubernetesError> {
  const body = await text(answer);
  return errorOf(answer.statusCode ?? 0, body);
}

function noWay({ code, message }: NodeJS.ErrnoException, { namespace, pod }: PodPort): KubernetesError {
  const late = message.includes("handshake has timed out") ? "no answer in time" : message;
  return new KubernetesError(0, "Unreachable", `no way to Pod ${namespace}/${pod} (${code ?? late})`);
}

class Channel extends Duplex {
  readonly #at: PodPort;
  readonly #socket: WebSocket;
  readonly #begun = new Set<number>();

  constructor(socket: WebSocket, at: PodPort) {
    super();
    this.#at = at;
    this.#socket = socket;
    socket.on("message", (message: Buffer) => this.#receive(message[0] ?? 0, message.subarray(1)));
    socket.on("error", (error) => this.destroy(error));
    socket.on("close", () => {
      this.push(null);
      this.end();
    });
    // Whoever asked hears of what went wrong before it opened; afterwards, whoever uses the stream.
    this.on("error", () => {});
  }

  #receive(channel: number, bytes: Buffer): void {
    const rest = this.#begun.has(channel) ? bytes : bytes.subarray(portBytes);
    this.#begun.add(channel);
    if (rest.length === 0 || this.destroyed) return;
    if (channel === data) {
      if (!this.push(rest)) this.#socket.pause();
      return;
    }
    const { namespace, pod, port } = this.#at;
    const said = rest.toString().trim();
    const why = said.includes("connection refused") ? "nothing listens there" : said;
    this.destroy(new KubernetesError(0, "Unreachable", `port ${port} of Pod ${namespace}/${pod}: ${why}`));
  }

  override _read(): void {
    if (this.#socket.isPaused) this.#socket.resume();
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    this.#socket.send(Buffer.concat([Buffer.of(data), chunk]), (error) => done(error));
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    if (error === null) this.#socket.close();
    else this.#socket.terminate();
    done(error);
  }
}
