import type { IncomingMessage } from "node:http";
import { Agent, type RequestOptions, request } from "node:https";
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
  readonly signal?: AbortSignal;
  /** Milliseconds until an answer must be there; 10 s by default. */
  readonly timeoutMs?: number;
}

/** An API server, as one user sees it. */
export interface KubernetesClient {
  /** `https://127.0.0.1:6443`. */
  readonly server: string;
  /** The answer as JSON. Throws KubernetesError: whatever is not 2xx, and what never got an answer. */
  ask<T>(path: string, init?: RequestInit): Promise<T>;
  /** The lines of an answer, as they come: watches and followed logs. Throws KubernetesError; ends when the server ends it or the signal aborts. */
  lines(path: string, init?: Omit<RequestInit, "timeoutMs">): AsyncIterable<string>;
  close(): void;
}

const answerMs = 10_000;

/** Speaks to the API server of a kubeconfig's current context, with its credentials (which may be renewed by a command or a file). */
export function kubernetesClient(config: KubeConfig): KubernetesClient {
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
    const options: RequestOptions = { method: init.method ?? "GET", headers: { accept: "application/json" } };
    await config.applyToHTTPSOptions(options);
    if (options.agent instanceof Agent) agent = options.agent;
    return send(url, { ...options, ...(init.signal ? { signal: init.signal } : {}) }, init);
  };
  return {
    server,
    async ask<T>(path: string, init: RequestInit = {}) {
      const timeout = AbortSignal.timeout(init.timeoutMs ?? answerMs);
      const signal = init.signal ? AbortSignal.any([init.signal, timeout]) : timeout;
      try {
        return (await whole(await open(path, { ...init, signal }))) as T;
      } catch (error) {
        throw asError(error, server);
      }
    },
    async *lines(path, init = {}) {
      try {
        const answer = await open(path, init);
        if (!isOk(answer)) await whole(answer);
        yield* split(answer);
      } catch (error) {
        if (init.signal?.aborted) return;
        throw asError(error, server);
      }
    },
    close: () => agent?.destroy(),
  };
}

function send(url: URL, options: RequestOptions, init: RequestInit): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const outgoing = request(url, options, resolve);
    outgoing.once("error", reject);
    if (init.body === undefined) {
      outgoing.end();
      return;
    }
    const text = typeof init.body === "string" ? init.body : JSON.stringify(init.body);
    outgoing.setHeader("content-type", init.contentType ?? "application/json");
    outgoing.end(text);
  });
}

function isOk({ statusCode = 0 }: IncomingMessage): boolean {
  return statusCode >= 200 && statusCode < 300;
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

async function* split(answer: IncomingMessage): AsyncGenerator<string> {
  answer.setEncoding("utf8");
  let rest = "";
  for await (const chunk of answer) {
    const lines = (rest + (chunk as string)).split("\n");
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
