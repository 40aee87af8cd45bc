import { type ClientRequest, Agent as HttpAgent, request as httpRequest, type IncomingMessage } from "node:http";
import { Agent as HttpsAgent, request as httpsRequest } from "node:https";
import type { LoadPlan } from "./options.ts";
import type { Ending } from "./tally.ts";

/** Sends the one request of a plan, again and again. */
export interface Sender {
  /** Never rejects: whatever goes wrong is an ending. */
  readonly send: () => Promise<Ending>;
  /** Gives up what is under way and closes all connections. */
  readonly close: () => void;
}

/** A sender over HTTP/1.1 with connections that are kept. Nothing is tried twice: a failure that was hidden is not measured. */
export function makeSender(plan: LoadPlan): Sender {
  const secure = plan.url.protocol === "https:";
  const keep = { keepAlive: true, maxSockets: plan.connections, maxFreeSockets: plan.connections };
  const agent = secure
    ? new HttpsAgent({ ...keep, rejectUnauthorized: !plan.insecure, ...(plan.ca === undefined ? {} : { ca: plan.ca }) })
    : new HttpAgent(keep);
  const open = secure ? httpsRequest : httpRequest;
  const length = plan.body === undefined ? {} : { "content-length": String(Buffer.byteLength(plan.body)) };
  const options = {
    agent,
    protocol: plan.url.protocol,
    host: plan.url.hostname.replace(/^\[|\]$/g, ""),
    port: plan.url.port || (secure ? 443 : 80),
    path: plan.url.pathname + plan.url.search,
    method: plan.method,
    headers: { "user-agent": "weft-load", ...length, ...plan.headers },
  };
  return {
    send: () => exchange(open(options), plan.body, plan.timeoutMs),
    close: () => agent.destroy(),
  };
}

function exchange(request: ClientRequest, body: string | undefined, timeoutMs: number): Promise<Ending> {
  return new Promise((resolve) => {
    let timedOut = false;
    const timer = setTimeout(() => {
      timedOut = true;
      request.destroy();
    }, timeoutMs);
    const end = (ending: Ending): void => {
      clearTimeout(timer);
      resolve(timedOut ? { error: `no answer within ${timeoutMs} ms` } : ending);
    };
    request.once("response", (response) => receive(response, end));
    request.once("error", (error) => end({ error: reasonOf(error) }));
    request.end(body);
  });
}

function receive(response: IncomingMessage, end: (ending: Ending) => void): void {
  let bytes = 0;
  response.on("data", (chunk: Buffer) => {
    bytes += chunk.length;
  });
  response.once("end", () => end({ status: response.statusCode ?? 0, bytes }));
  response.once("error", () => end({ error: "the answer was cut off" }));
}

const REASONS: Readonly<Record<string, string>> = {
  ECONNREFUSED: "connection refused",
  ECONNRESET: "connection closed without an answer",
  EPIPE: "connection closed without an answer",
  ENOTFOUND: "the name does not resolve",
  EAI_AGAIN: "the name does not resolve",
  EHOSTUNREACH: "host unreachable",
  ENETUNREACH: "network unreachable",
  ETIMEDOUT: "no connection in time",
  EADDRNOTAVAIL: "this machine has no free port",
  DEPTH_ZERO_SELF_SIGNED_CERT: "the certificate is not one that this machine trusts",
  SELF_SIGNED_CERT_IN_CHAIN: "the certificate is not one that this machine trusts",
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: "the certificate is not one that this machine trusts",
  ERR_TLS_CERT_ALTNAME_INVALID: "the certificate is for another name",
  CERT_HAS_EXPIRED: "the certificate has expired",
  EMFILE: "this process has no free file descriptor",
};

function reasonOf(error: NodeJS.ErrnoException): string {
  // A name with two addresses fails with one error for each.
  const code =
    error.code ??
    (error instanceof AggregateError ? (error.errors[0] as NodeJS.ErrnoException | undefined)?.code : undefined);
  return REASONS[code ?? ""] ?? (code === undefined ? error.message : `${error.message} (${code})`);
}
