import type { ClientRequest, IncomingMessage, OutgoingHttpHeaders } from "node:http";
import { Agent, type RequestOptions, request } from "node:https";
import type { TLSSocket } from "node:tls";
import type { KubeConfig } from "@kubernetes/client-node";
import { errorOf, KubernetesError } from "./error.ts";

/** How one request differs from a GET. */
export interface RequestInit {
  readonly method?: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  readonly query?: Readonly<Record<string, string | number | boolean | undefined>>;
  /** Encoded as JSON, unless it is text already. */
  readonly body?: unknown;
  /** Of the body: `application/json` by default; patches name theirs, such as `application/apply-patch+yaml`. */
  readonly contentType?: string;
  /** `application/json` by default. */
  readonly accept?: string;
  readonly signal?: AbortSignal;
  /** Milliseconds until an answer must be there; 10 s by default. Of `lines`: until it begins. */
  readonly timeoutMs?: number;
  /** Told of what the API server and its webhooks warn of, beside the answer. */
  readonly onWarning?: (words: string) => void;
}

/** How a request differs whose answer comes line by line. */
export interface LinesInit extends RequestInit {
  /** The server has accepted, and lines may come from now on. */
  readonly onOpen?: () => void;
}

/** An API server, as one user sees it. */
export interface KubernetesClient {
  /** `https://127.0.0.1:6443`. */
  readonly server: string;
  /** The answer as JSON. Throws KubernetesError: whatever is not 2xx, and what never got an answer. */
  ask<T>(path: string, init?: RequestInit): Promise<T>;
  /** The lines of an answer, as they come: watches and followed logs. Throws KubernetesError; ends when the server ends it or the signal aborts. */
  lines(path: string, init?: LinesInit): AsyncIterable<string>;
  /** The text of an answer as it comes, blank lines and all. Throws and ends as `lines` does. */
  text(path: string, init?: LinesInit): AsyncIterable<string>;
  close(): void;
}

const answerMs = 10_000;

export interface ClientOptions {
  /** Sent with each request: `Impersonate-User` and the like. */
  readonly headers?: Readonly<Record<string, string | readonly string[]>>;
  /** Milliseconds until a new connection must stand, TLS included; absent: only the answer's time counts. */
  readonly connectMs?: number;
}

/** Speaks to the API server of a kubeconfig's current context, with its credentials (which may be renewed by a command or a file). */
export function kubernetesClient(
  config: KubeConfig,
  { connectMs, headers = {} }: ClientOptions = {},
): KubernetesClient {
  const cluster = config.getCurrentCluster();
  if (cluster === null)
    throw new KubernetesError(0, "Unreachable", "the kubeconfig has no current context with a cluster");
  const server = cluster.server.replace(/\/+$/, "");
  // Of the library, which makes one for each cluster and user.
  let agent: Agent | undefined;
  const open = async (path: string, init: RequestInit): Promise<IncomingMessage> => {
    const url = new URL(server + path);
    for (const [name, value] of Object.entries(init.query ?? {}))
      if (value !== undefined) url.searchParams.set(name, String(value));
    const options: RequestOptions = {
      method: init.method ?? "GET",
      headers: { accept: init.accept ?? "application/json" },
    };
    await config.applyToHTTPSOptions(options);
    options.headers = { ...(options.headers as OutgoingHttpHeaders), ...(headers as OutgoingHttpHeaders) };
    if (options.agent instanceof Agent) agent = options.agent;
    return send(url, { ...options, ...(init.signal ? { signal: init.signal } : {}) }, init, connectMs);
  };
  return {
    server,
    async ask<T>(path: string, init: RequestInit = {}) {
      const timeout = AbortSignal.timeout(Math.ceil(init.timeoutMs ?? answerMs));
      const signal = init.signal ? AbortSignal.any([init.signal, timeout]) : timeout;
      try {
        const answer = await open(path, { ...init, signal });
        for (const words of warningsOf(answer)) init.onWarning?.(words);
        return (await whole(answer)) as T;
      } catch (error) {
        throw asError(error, server);
      }
    },
    lines: (path, init) => split(follow(path, init)),
    text: follow,
    close: () => agent?.destroy(),
  };
  async function* follow(path: string, init: LinesInit = {}): AsyncGenerator<string> {
    const late = new AbortController();
    const timer = setTimeout(() => late.abort(), init.timeoutMs ?? answerMs);
    const signal = init.signal ? AbortSignal.any([init.signal, late.signal]) : late.signal;
    try {
      const answer = await open(path, { ...init, signal }).finally(() => clearTimeout(timer));
      if (!isOk(answer)) await whole(answer);
      init.onOpen?.();
      answer.setEncoding("utf8");
      for await (const chunk of answer) yield chunk as string;
    } catch (error) {
      if (init.signal?.aborted) return;
      throw asError(error, server);
    }
  }
}

function send(url: URL, options: RequestOptions, init: RequestInit, connectMs?: number): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const outgoing = request(url, options, resolve);
    outgoing.once("error", reject);
    if (connectMs !== undefined) connectWithin(outgoing, connectMs);
    if (init.body === undefined) {
      outgoing.end();
      return;
    }
    const text = typeof init.body === "string" ? init.body : JSON.stringify(init.body);
    outgoing.setHeader("content-type", init.contentType ?? "application/json");
    outgoing.end(text);
  });
}

function connectWithin(outgoing: ClientRequest, ms: number): void {
  const late = setTimeout(() => outgoing.destroy(Object.assign(new Error(), { code: "ETIMEDOUT" })), ms);
  const stop = () => clearTimeout(late);
  outgoing.once("close", stop).once("socket", (socket: TLSSocket) => {
    if (outgoing.reusedSocket) stop();
    else socket.once("secureConnect", stop);
  });
}

function isOk({ statusCode = 0 }: IncomingMessage): boolean {
  return statusCode >= 200 && statusCode < 300;
}

/** The texts of `Warning: 299 - "..."`. https://www.rfc-editor.org/rfc/rfc7234#section-5.5 */
function warningsOf({ headersDistinct }: IncomingMessage): readonly string[] {
  return (headersDistinct["warning"] ?? []).flatMap((header) => {
    const text = /^299 \S+ "((?:[^"\\]|\\.)*)"/.exec(header)?.[1];
    return text === undefined ? [] : [text.replace(/\\(.)/g, "$1")];
  });
}

async function whole(answer: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  for await (const chunk of answer) chunks.push(chunk as Buffer);
  const body = Buffer.concat(chunks).toString();
  if (!isOk(answer)) throw errorOf(answer.statusCode ?? 0, body);
  return body === "" ? undefined : parse(body, answer.headers["content-type"]);
}

function parse(body: string, contentType = ""): unknown {
  return contentType.includes("json") ? JSON.parse(body) : body;
}

async function* split(text: AsyncIterable<string>): AsyncGenerator<string> {
  let rest = "";
  for await (const chunk of text) {
    const lines = (rest + chunk).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) if (line !== "") yield line;
  }
  if (rest !== "") yield rest;
}

function asError(error: unknown, server: string): KubernetesError {
  if (error instanceof KubernetesError) return error;
  const { name, code, message } = error as NodeJS.ErrnoException;
  const what = name === "TimeoutError" || name === "AbortError" ? "no answer in time" : (code ?? message);
  return new KubernetesError(0, "Unreachable", `no answer from the API server at ${server} (${what})`);
}
