import http, { type IncomingMessage } from "node:http";
import https from "node:https";
import { type BlockList, isIP } from "node:net";
import { isIn, specialName } from "./address.ts";

/** Where a request is sent to. */
export interface Place {
  readonly address: string;
  readonly port: number;
}

export interface FetchOptions {
  /** Addresses of a name. Rejects where there are none. */
  resolve(name: string): Promise<readonly string[]>;
  /** Workloads of the mesh behind the port of one of its services; undefined where the mesh has no service of that name. */
  inMesh?(name: string, port: number): readonly Place[] | undefined;
  /** Addresses that are not the public internet's, and may be asked nevertheless. */
  readonly allowed: BlockList;
  /** Certificates of the authorities that servers are believed by, in PEM. */
  readonly roots: readonly string[];
}

export interface FetchLimits {
  /** For all of it, redirects too. */
  readonly timeoutMs: number;
  readonly maxBytes: number;
}

export interface Fetched {
  readonly bytes: Uint8Array;
  /** For how many seconds its server says that it stays so. */
  readonly maxAge?: number;
}

export type Fetch = (url: string, limits: FetchLimits) => Promise<Fetched>;

const mostRedirects = 3;
const mostPlaces = 3;
const redirects: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);

/**
 * Fetches what somebody's configuration names, for a program that reaches more than they do. It goes to the public internet, to workloads of the
 * mesh, and to what is allowed by name; what a name leads to is looked up once, judged, and that very address is asked. Redirects are judged like
 * the first URL. It rejects with a text for people that starts in the middle of a sentence; nothing of what a server said is in it.
 */
export function guardedFetch(options: FetchOptions): Fetch {
  return async (url, { timeoutMs, maxBytes }) => {
    const signal = AbortSignal.timeout(timeoutMs);
    try {
      return await follow(options, new URL(url), maxBytes, signal);
    } catch (error) {
      if (signal.aborted) throw new Error(`there is no answer within ${timeoutMs / 1000} s`);
      throw error;
    }
  };
}

async function follow(options: FetchOptions, first: URL, maxBytes: number, signal: AbortSignal): Promise<Fetched> {
  let url = first;
  for (let left = mostRedirects; ; left--) {
    const response = await ask(options, url, signal);
    const { statusCode = 0, headers } = response;
    if (!redirects.has(statusCode) || headers.location === undefined) return await read(response, maxBytes);
    response.destroy();
    if (left === 0) throw new Error(`it redirects more than ${mostRedirects} times`);
    const next = URL.parse(headers.location, url.href) ?? undefined;
    if (next === undefined) throw new Error("it redirects to what is no URL");
    if (url.protocol === "https:" && next.protocol !== "https:") throw new Error("it redirects from https to http");
    url = next;
  }
}

async function ask(options: FetchOptions, url: URL, signal: AbortSignal): Promise<IncomingMessage> {
  if (url.protocol !== "https:" && url.protocol !== "http:") throw new Error(`${url.protocol} is not fetched`);
  if (url.username !== "" || url.password !== "") throw new Error("there is a user name or a password in the URL");
  const places = await placesOf(options, url, signal);
  let fault: unknown;
  for (const place of places.slice(0, mostPlaces)) {
    try {
      return await askAt(place, url, options.roots, signal);
    } catch (error) {
      fault = error;
    }
  }
  throw fault;
}

/** Where a URL leads to, of what may be asked; at least one. */
async function placesOf(
  { resolve, inMesh, allowed }: FetchOptions,
  url: URL,
  signal: AbortSignal,
): Promise<readonly Place[]> {
  const name = nameOf(url);
  const port = Number(url.port || (url.protocol === "https:" ? 443 : 80));
  const workloads = isIP(name) === 0 ? inMesh?.(name, port) : undefined;
  if (workloads !== undefined) {
    if (workloads.length === 0) throw new Error(`no workload of the mesh is ready behind port ${port} of ${name}`);
    return workloads;
  }
  const found = isIP(name) === 0 ? await orAborted(resolve(name), signal) : [name];
  const open = found.filter((address) => specialName(address) === undefined || isIn(allowed, address));
  const [one] = found;
  if (one === undefined) throw new Error(`${name} has no address`);
  if (open.length > 0) return open.map((address) => ({ address, port }));
  const leads = one === name ? name : `${name} is ${one}, which`;
  throw new Error(`${leads} is ${specialName(one)}, and such are asked only where --fetch-from allows it`);
}

function nameOf({ hostname }: URL): string {
  return hostname.startsWith("[") ? hostname.slice(1, -1) : hostname.replace(/\.$/, "");
}

function askAt(
  { address, port }: Place,
  url: URL,
  roots: readonly string[],
  signal: AbortSignal,
): Promise<IncomingMessage> {
  const name = nameOf(url);
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
  const common = {
    ...{ host: address, port, path: `${url.pathname}${url.search}`, signal, agent: false as const },
    headers: {
      host: url.host,
      accept: "application/json, */*;q=0.5",
      "accept-encoding": "identity",
      "user-agent": "weft",
    },
  };
  const request =
    url.protocol === "https:"
      ? https.get({ ...common, ca: [...roots], servername: isIP(name) === 0 ? name : "" }, resolve)
      : http.get(common, resolve);
  request.on("error", (error) => reject(new Error(`it cannot be reached: ${error.message}`)));
  return promise;
}

async function read(response: IncomingMessage, maxBytes: number): Promise<Fetched> {
  const { statusCode = 0, headers } = response;
  if (statusCode !== 200) {
    response.destroy();
    throw new Error(`its server answers ${statusCode}`);
  }
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of response as AsyncIterable<Uint8Array>) {
    size += chunk.length;
    if (size > maxBytes) throw new Error(`it is larger than ${maxBytes} bytes`);
    chunks.push(chunk);
  }
  const maxAge = /(?:^|[\s,])max-age=(\d{1,9})(?:$|[\s,])/i.exec(headers["cache-control"] ?? "")?.[1];
  return { bytes: Buffer.concat(chunks), ...(maxAge === undefined ? {} : { maxAge: Number(maxAge) }) };
}

function orAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return Promise.race([
    promise,
    new Promise<never>((_, reject) =>
      signal.addEventListener("abort", () => reject(new Error("aborted")), { once: true }),
    ),
  ]);
}
