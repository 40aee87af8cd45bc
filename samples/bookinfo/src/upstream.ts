import { Agent, request as httpRequest, type IncomingMessage } from "node:http";
import type { Env } from "./settings.ts";

/** How a call to another service ended. `status` is 0 when no answer came. */
export interface Outcome<T> {
  readonly status: number;
  /** Milliseconds from the first try to the end of the last. */
  readonly ms: number;
  readonly tries: number;
  /** The parsed body of a 200. */
  readonly body?: T;
  /** What went wrong, in words; absent on success. */
  readonly problem?: string;
  /** The first characters of what the other side wrote, when it was not a 200: Envoy says its reason there. */
  readonly said?: string;
}

/** Limits of one call. */
export interface Patience {
  /** For each try. */
  readonly timeoutMs: number;
  /** Only a try without any answer is repeated. */
  readonly tries: number;
}

/** Calls to other services, over connections that are kept. */
export interface Upstream {
  readonly get: <T>(url: URL, headers: Record<string, string>, patience: Patience) => Promise<Outcome<T>>;
  readonly close: () => void;
}

const MOST_SAID = 300;

/** With HTTP_PROXY in `env`, calls go there in absolute form (RFC 9112, 3.2.2), save for hosts that NO_PROXY names. */
export function makeUpstream(env: Env): Upstream {
  const agent = new Agent({ keepAlive: true, maxFreeSockets: 64 });
  const proxy = env["HTTP_PROXY"] || env["http_proxy"];
  const spared = (env["NO_PROXY"] || env["no_proxy"] || "").split(",").map((part) => part.trim());
  const proxyFor = (url: URL): URL | undefined =>
    proxy === undefined || spared.some((part) => isSpared(url.hostname, part)) ? undefined : new URL(proxy);
  return {
    close: () => agent.destroy(),
    get: async <T>(url: URL, headers: Record<string, string>, patience: Patience): Promise<Outcome<T>> => {
      const started = performance.now();
      for (let tries = 1; ; tries++) {
        const outcome = await tryOnce<T>(agent, url, proxyFor(url), headers, patience.timeoutMs);
        if (outcome.status !== 0 || tries >= patience.tries)
          return { ...outcome, tries, ms: performance.now() - started };
      }
    },
  };
}

/** NO_PROXY as curl reads it: `*`, a host, or a suffix with or without its dot. */
function isSpared(host: string, part: string): boolean {
  if (part === "") return false;
  const suffix = part.startsWith(".") ? part.slice(1) : part;
  return part === "*" || host === suffix || host.endsWith(`.${suffix}`);
}

async function tryOnce<T>(
  agent: Agent,
  url: URL,
  proxy: URL | undefined,
  headers: Record<string, string>,
  timeoutMs: number,
): Promise<Outcome<T>> {
  const signal = AbortSignal.timeout(timeoutMs);
  try {
    const response = await send(agent, url, proxy, headers, signal);
    const text = await readText(response);
    return { ...interpret<T>(response.statusCode ?? 0, text), ms: 0, tries: 1 };
  } catch (error) {
    const problem = signal.aborted ? `no answer within ${inSeconds(timeoutMs)}` : wordsFor(error, proxy ?? url);
    return { status: 0, ms: 0, tries: 1, problem };
  }
}

/** Sends once more when a kept connection turns out to be closed: nobody has seen that request. */
function send(
  agent: Agent,
  url: URL,
  proxy: URL | undefined,
  headers: Record<string, string>,
  signal: AbortSignal,
): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const at = proxy ?? url;
    const sent = httpRequest({
      agent,
      host: at.hostname.replace(/^\[|\]$/g, ""),
      port: at.port || 80,
      path: proxy === undefined ? url.pathname + url.search : url.href,
      headers: { ...headers, host: url.host, accept: "application/json" },
      signal,
    });
    sent.once("response", resolve);
    sent.once("error", (error: NodeJS.ErrnoException) => {
      const stale = sent.reusedSocket && (error.code === "ECONNRESET" || error.code === "EPIPE");
      if (stale && !signal.aborted) send(agent, url, proxy, headers, signal).then(resolve, reject);
      else reject(error);
    });
    sent.end();
  });
}

async function readText(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString("utf8");
}

function interpret<T>(status: number, text: string): Omit<Outcome<T>, "ms" | "tries"> {
  if (status !== 200) return { status, problem: `answered ${status}`, said: text.trim().slice(0, MOST_SAID) };
  try {
    return { status, body: JSON.parse(text) as T };
  } catch {
    return { status: 502, problem: "answered 200, but not with JSON", said: text.trim().slice(0, MOST_SAID) };
  }
}

function wordsFor(error: unknown, at: URL): string {
  const { code, message } = error as NodeJS.ErrnoException;
  if (code === "ECONNREFUSED") return `nobody listens at ${at.host}`;
  if (code === "ENOTFOUND" || code === "EAI_AGAIN") return `the name ${at.hostname} does not resolve`;
  if (code === "ECONNRESET") return "the connection was closed before an answer came";
  if (code === "EHOSTUNREACH" || code === "ENETUNREACH") return `${at.host} cannot be reached`;
  return message;
}

function inSeconds(ms: number): string {
  return ms < 1000 ? `${ms} ms` : `${ms / 1000} s`;
}
