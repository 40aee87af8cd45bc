import { type ClientRequest, request as httpRequest, type IncomingMessage } from "node:http";
import { request as httpsRequest } from "node:https";
import type { ApiError } from "../api/contract/error.ts";
import { CliError, exitCodeOf, exitCodes } from "./exit.ts";
import type { Target } from "./server.ts";

export type Query = Readonly<Record<string, string | number | boolean | undefined>>;

/** How long to wait for a connection: a control plane that is not there must be told soon. */
const connectMs = 2500;

/** Asks a control plane. Every refusal is a CliError with the exit code of its status. */
export class ApiClient {
  readonly target: Target;
  readonly #signal: AbortSignal;
  readonly #timeoutMs: number;

  constructor(target: Target, signal: AbortSignal, timeoutMs = 10_000) {
    this.target = target;
    this.#signal = signal;
    this.#timeoutMs = timeoutMs;
  }

  /** `GET /api/v1/{path}`. */
  async get<T>(path: string, query: Query = {}): Promise<T> {
    const answer = await this.#ask("GET", path, query, undefined, this.#timeoutMs);
    return this.#json<T>(answer, await textOf(answer, this.#timeoutMs));
  }

  /** `POST /api/v1/{path}` with the mesh's token. Statuses in `also` are answers, too. `waitMs` is time that the server may take on top. */
  async post<T>(
    path: string,
    body: string,
    query: Query = {},
    options: { readonly also?: readonly number[]; readonly waitMs?: number } = {},
  ): Promise<{ readonly status: number; readonly body: T }> {
    const timeout = this.#timeoutMs + (options.waitMs ?? 0);
    const answer = await this.#ask("POST", path, query, body, timeout);
    const text = await textOf(answer, timeout);
    const status = answer.statusCode ?? 0;
    return { status, body: this.#json<T>(answer, text, options.also?.includes(status)) };
  }

  /** The text of `GET /api/v1/{path}`, as it comes. Ends when the control plane ends it or the signal aborts. */
  async *stream(path: string, query: Query = {}): AsyncGenerator<string> {
    const answer = await this.#ask("GET", path, query, undefined, undefined);
    if (!isOk(answer)) this.#json(answer, await textOf(answer, this.#timeoutMs));
    answer.setEncoding("utf8");
    try {
      for await (const chunk of answer) yield chunk as string;
    } catch (error) {
      if (!this.#signal.aborted) throw error;
    }
  }

  async #ask(
    method: string,
    path: string,
    query: Query,
    body: string | undefined,
    timeoutMs: number | undefined,
  ): Promise<IncomingMessage> {
    const url = new URL(`${this.target.server}/api/v1/${path}`);
    for (const [name, value] of Object.entries(query)) {
      if (value !== undefined && value !== false) url.searchParams.set(name, value === true ? "" : String(value));
    }
    const open = url.protocol === "https:" ? httpsRequest : httpRequest;
    const { token } = this.target;
    const stream = await this.target.connect?.();
    const request = open(url, {
      // A connection of its own: a kept one may be closed just now.
      ...(stream === undefined ? { agent: false } : { createConnection: () => stream }),
      method,
      signal: this.#signal,
      headers: {
        accept: "application/json",
        "user-agent": "weft",
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
        ...(body === undefined
          ? {}
          : { "content-type": "application/yaml", "content-length": String(Buffer.byteLength(body)) }),
      },
    });
    return this.#answerOf(request, body, timeoutMs);
  }

  #answerOf(request: ClientRequest, body: string | undefined, timeoutMs: number | undefined): Promise<IncomingMessage> {
    return new Promise((resolve, reject) => {
      let connected = false;
      const connecting = setTimeout(
        () => request.destroy(Object.assign(new Error(), { code: "ETIMEDOUT" })),
        connectMs,
      );
      const waiting =
        timeoutMs === undefined
          ? undefined
          : setTimeout(() => request.destroy(Object.assign(new Error(), { code: "ETIMEDOUT" })), timeoutMs);
      const settle = () => {
        clearTimeout(connecting);
        clearTimeout(waiting);
      };
      request.once("socket", (socket) => {
        const known = () => {
          connected = true;
          clearTimeout(connecting);
        };
        if (socket.connecting) socket.once("connect", known);
        else known();
      });
      request.once("response", (response) => {
        settle();
        resolve(response);
      });
      request.once("error", (error: NodeJS.ErrnoException) => {
        settle();
        reject(this.#failure(error, connected, timeoutMs));
      });
      request.end(body);
    });
  }

  #failure(error: NodeJS.ErrnoException, connected: boolean, timeoutMs: number | undefined): CliError {
    if (this.#signal.aborted) return new CliError(exitCodes.interrupted, "interrupted");
    const code = error.code ?? (error instanceof AggregateError ? (error.errors[0] as NodeJS.ErrnoException).code : "");
    const { server } = this.target;
    if (connected && code === "ETIMEDOUT")
      return new CliError(
        exitCodes.timeout,
        `${server} did not answer within ${(timeoutMs ?? 0) / 1000} s`,
        "give it more time with --timeout",
      );
    return new CliError(
      exitCodes.unreachable,
      `No control plane at ${server} (${reasons[code ?? ""] ?? (error.message || code)}). Is it running? Start one: weft up. Other address: --server or WEFT_SERVER.`,
    );
  }

  #json<T>(answer: IncomingMessage, text: string, alsoOk = false): T {
    const value = parseJson(text);
    if ((isOk(answer) || alsoOk) && value !== undefined) return value as T;
    const status = answer.statusCode ?? 0;
    const refusal = value as Partial<ApiError> | undefined;
    if (typeof refusal?.error !== "string") {
      throw new CliError(
        isOk(answer) ? exitCodes.unreachable : exitCodeOf(status),
        `${this.target.server} answered ${status} with something that is no answer of Weft's control plane`,
        "check the address: --server or WEFT_SERVER",
      );
    }
    throw new CliError(exitCodeOf(status), refusal.error, status === 401 ? this.#login() : refusal.fix);
  }

  /** How whoever is asked for a login gives one. */
  #login(): string {
    const { token, server, connect, from } = this.target;
    const ways = "--token-file FILE, or WEFT_TOKEN";
    if (connect !== undefined)
      return `${token === undefined ? `no token was given for ${from}` : "give another"}: kubectl create token NAME -n NAMESPACE > FILE, then ${ways}`;
    if (token !== undefined) return `ask whoever runs this mesh for one that it takes; it is given by ${ways}`;
    return `no token is known for ${server}: run this as the user who started the mesh, or give one by ${ways}`;
  }
}

const reasons: Readonly<Record<string, string>> = {
  ECONNREFUSED: "connection refused",
  ECONNRESET: "connection closed",
  ENOTFOUND: "the name does not resolve",
  EAI_AGAIN: "the name does not resolve",
  EHOSTUNREACH: "host unreachable",
  ENETUNREACH: "network unreachable",
  ETIMEDOUT: "no connection in time",
  HPE_INVALID_CONSTANT: "it does not speak HTTP",
};

function isOk(answer: IncomingMessage): boolean {
  const status = answer.statusCode ?? 0;
  return status >= 200 && status < 300;
}

async function textOf(answer: IncomingMessage, timeoutMs: number): Promise<string> {
  const timer = setTimeout(
    () => answer.destroy(new CliError(exitCodes.timeout, "the answer stopped half-way")),
    timeoutMs,
  );
  try {
    answer.setEncoding("utf8");
    let text = "";
    for await (const chunk of answer) text += chunk as string;
    return text;
  } finally {
    clearTimeout(timer);
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
