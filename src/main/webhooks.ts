import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer, type Server } from "node:https";
import { type AdmissionRequest, type Judgement, readReview, reviewAnswer } from "../operate/admission.ts";
import type { Log } from "../std/log.ts";
import type { TlsMaterial } from "../xds/listener.ts";
import { createShelves, type Shelf } from "../xds/shelf.ts";
import type { Renewal } from "./server-certificate.ts";

/** The most bytes of a review: an object may have 1.5 MiB, and a changed one comes with what it was. */
const mostBytes = 3 * 1024 * 1024;
/** Deeper than any object of the mesh; what reads objects goes down by itself. */
const mostDeep = 200;
const patienceMs = 10_000;
const bounds = { requestTimeout: patienceMs, headersTimeout: patienceMs, handshakeTimeout: patienceMs };
/** Bytes of bodies that are being read: of one address, and of all. */
const mostHeld = { ofOne: 64 * 1024 * 1024, ofAll: 128 * 1024 * 1024 };

/** Answers the body of a review (JSON, read and bounded). Throws where it is no review of its kind. */
export type ReviewHandler = (review: unknown) => object | Promise<object>;

/** HTTPS for the API server, by path (`/validate`); each takes AdmissionReviews alone. */
export function webhookServer(routes: ReadonlyMap<string, ReviewHandler>, certificate: Renewal, log: Log): Server {
  const tls = ({ key, cert, minVersion = "TLSv1.2" }: TlsMaterial) => ({ key, cert, minVersion });
  const shelves = createShelves(mostHeld.ofOne, mostHeld.ofAll);
  const server = createServer({ ...tls(certificate.first), ...bounds }, (request, response) => {
    const shelf = shelves.of(request.socket.remoteAddress ?? "");
    answer(routes, request, response, shelf).catch((error: unknown) => {
      const fault = error instanceof Unacceptable ? error : undefined;
      if (fault === undefined) log.error("webhook failed", { path: request.url, error: (error as Error).stack });
      say(response, fault?.status ?? 500, { error: fault?.message ?? "a fault of Weft's; its log says more" });
    });
  });
  certificate.follow((next) => server.setSecureContext(tls(next)));
  return server;
}

/** A handler that is asked of reviews alone. */
export function strict(handle: ReviewHandler): ReviewHandler {
  return (body) => {
    const request = readReview(body);
    if ("fault" in request) throw new Unacceptable(400, request.fault);
    return handle(body);
  };
}

/** A handler that judges objects. A fault of ours lets the object through, says so, and is logged: an outage is for `failurePolicy` to decide. */
export function judging(judge: (request: AdmissionRequest) => Judgement, log: Log): ReviewHandler {
  return (body) => {
    const request = readReview(body);
    if ("fault" in request) throw new Unacceptable(400, request.fault);
    try {
      return reviewAnswer(request, judge(request));
    } catch (error) {
      const { kind, namespace, name } = request;
      log.error("an object could not be judged", { ...kind, namespace, name, error: (error as Error).stack });
      const warning = "weft could not judge this object, by a fault of its own, and let it through; its log says more";
      return reviewAnswer(request, { warnings: [warning] });
    }
  };
}

/** What the asker did wrong, as an HTTP status. */
class Unacceptable extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

async function answer(
  routes: ReadonlyMap<string, ReviewHandler>,
  request: IncomingMessage,
  response: ServerResponse,
  shelf: Shelf,
): Promise<void> {
  const handle = routes.get((request.url ?? "").split("?")[0] ?? "");
  if (handle === undefined) throw new Unacceptable(404, `here are ${[...routes.keys()].join(" and ")}`);
  if (request.method !== "POST") throw new Unacceptable(405, "only POST is answered");
  if (!/^application\/json\b/.test(request.headers["content-type"] ?? ""))
    throw new Unacceptable(415, "the body must be application/json");
  const body = parse(await read(request, shelf));
  try {
    say(response, 200, await handle(body));
  } catch (error) {
    throw error instanceof TypeError ? new Unacceptable(400, error.message) : error;
  }
}

async function read(request: IncomingMessage, shelf: Shelf): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  try {
    for await (const chunk of request as AsyncIterable<Buffer>) {
      if (bytes + chunk.length > mostBytes) throw new Unacceptable(413, `a review has at most ${mostBytes} bytes`);
      if (!shelf.change(chunk.length))
        throw new Unacceptable(503, "too much of other reviews is being read; ask again");
      bytes += chunk.length;
      chunks.push(chunk);
    }
    return Buffer.concat(chunks).toString("utf8");
  } finally {
    shelf.change(-bytes);
  }
}

function parse(text: string): unknown {
  if (depthOf(text) > mostDeep) throw new Unacceptable(400, `the body is nested more than ${mostDeep} levels deep`);
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new Unacceptable(400, `the body is not JSON: ${(error as Error).message}`);
  }
}

/** How deep brackets are nested, outside of texts; found without going down. */
export function depthOf(json: string): number {
  let depth = 0;
  let most = 0;
  for (let at = 0; at < json.length; at++) {
    const char = json.charCodeAt(at);
    if (char === 0x22) {
      // To the quote that ends the text; a backslash takes the next character with it.
      for (at++; at < json.length && json.charCodeAt(at) !== 0x22; at++) if (json.charCodeAt(at) === 0x5c) at++;
    } else if (char === 0x7b || char === 0x5b) most = Math.max(most, ++depth);
    else if (char === 0x7d || char === 0x5d) depth--;
  }
  return most;
}

function say(response: ServerResponse, status: number, body: object): void {
  if (response.headersSent) return;
  // What is left of a body that was not read must not stand before the next request.
  const close = status >= 400 ? { connection: "close" } : {};
  response.writeHead(status, { "content-type": "application/json", ...close }).end(JSON.stringify(body));
}
