import { validateHeaderName, validateHeaderValue } from "node:http";

/** What to send, how fast and for how long. */
export interface LoadOptions {
  /** http: or https:. */
  readonly url: string;
  /** Requests a second, sent on schedule whether or not earlier ones were answered. Default 10. */
  readonly rate?: number;
  /** The most connections, and so the most requests under way. Default 64; only as many are opened as are needed. */
  readonly connections?: number;
  /** How long to send. Without it until the signal. */
  readonly durationMs?: number;
  /** Default GET. */
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** How long to wait for each answer. Default 10,000. */
  readonly timeoutMs?: number;
  /** For https: do not check the server's certificate. Default false. */
  readonly insecure?: boolean;
  /** For https: PEM certificates to trust instead of the system's. */
  readonly ca?: string;
  /** Default 1,000. */
  readonly reportEveryMs?: number;
}

/** The options with their defaults, checked. */
export interface LoadPlan extends Required<Omit<LoadOptions, "url" | "durationMs" | "body" | "ca">> {
  readonly url: URL;
  readonly durationMs: number | undefined;
  readonly body: string | undefined;
  readonly ca: string | undefined;
}

/** Options that make no sense; the message says which and what to write instead. */
export class LoadOptionsError extends Error {}

/** Fills in the defaults. Throws a LoadOptionsError. */
export function planLoad(options: LoadOptions): LoadPlan {
  return {
    url: readUrl(options.url),
    rate: within("rate", options.rate ?? 10, 0.001, 100_000, "requests a second"),
    connections: Math.floor(within("connections", options.connections ?? 64, 1, 10_000, "connections")),
    durationMs:
      options.durationMs === undefined ? undefined : within("duration", options.durationMs, 1, 1e9, "milliseconds"),
    method: readMethod(options.method ?? "GET"),
    headers: readHeaders(options.headers ?? {}),
    body: options.body,
    timeoutMs: within("timeout", options.timeoutMs ?? 10_000, 1, 3_600_000, "milliseconds"),
    insecure: options.insecure ?? false,
    ca: options.ca,
    reportEveryMs: within("report interval", options.reportEveryMs ?? 1000, 10, 3_600_000, "milliseconds"),
  };
}

function readUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || (url.protocol !== "http:" && url.protocol !== "https:")) {
    throw new LoadOptionsError(
      `address "${text}": not an http:// or https:// address; write it like http://localhost:8080/productpage`,
    );
  }
  return url;
}

function within(name: string, value: number, least: number, most: number, unit: string): number {
  if (Number.isFinite(value) && value >= least && value <= most) return value;
  throw new LoadOptionsError(`${name} ${value}: out of range; write a number from ${least} to ${most} ${unit}`);
}

function readMethod(method: string): string {
  if (/^[A-Za-z]+$/.test(method)) return method.toUpperCase();
  throw new LoadOptionsError(`method "${method}": not a method; write GET, POST or another word of letters`);
}

function readHeaders(headers: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  for (const [name, value] of Object.entries(headers)) {
    try {
      validateHeaderName(name);
      validateHeaderValue(name, value);
    } catch {
      throw new LoadOptionsError(
        `header "${name}: ${value}": not a header; write it like "end-user: jason", on one line`,
      );
    }
  }
  return headers;
}
