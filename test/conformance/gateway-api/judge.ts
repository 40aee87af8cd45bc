import type { HttpExpectation, HttpStep } from "./cases.ts";

/** What came of a call; see calls.mjs. */
export interface Answer {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string | readonly string[]>>;
  readonly body?: string;
  readonly data?: string;
  readonly grpc?: string;
  readonly reply?: { readonly namespace: string; readonly pod: string };
  readonly error?: string;
}

/** What the backend says that it was asked. */
interface Echoed {
  readonly path: string;
  readonly host: string;
  readonly method: string;
  readonly headers: Readonly<Record<string, readonly string[]>>;
  readonly namespace: string;
  readonly pod: string;
}

/** What is wrong with an answer, or undefined. `called` is the port that was called. Source: the comparison of Gateway API's own suite. */
export function httpFault(step: HttpStep, answer: Answer, called: number): string | undefined {
  const { expect } = step;
  // Of a gateway whose connection to a backend fails.
  if (expect.connectionFailure)
    return answer.error === undefined && (answer.status as number) < 500 ? `answered ${answer.status}` : undefined;
  if (answer.error !== undefined) return answer.error;
  if (expect.status && !expect.status.includes(answer.status as number)) return `answered ${answer.status}`;
  if (expect.redirect) return redirectFault(step, expect.redirect, answer, called);
  return responseFault(expect, answer) ?? backendFault(step, expect, echoed(answer));
}

function redirectFault(
  { request }: HttpStep,
  wanted: NonNullable<HttpExpectation["redirect"]>,
  { headers }: Answer,
  called: number,
): string | undefined {
  const text = String(headers?.["location"] ?? "");
  if (!URL.canParse(text)) return `location: ${text}`;
  const url = new URL(text);
  const usual = (scheme: string) => (scheme === "https" ? "443" : "80");
  const scheme = url.protocol.slice(0, -1);
  const wantedScheme = wanted.Scheme ?? "http";
  // Without a port in the expectation it is the one that was called, or the scheme's own where the scheme is said.
  const wantedPort = wanted.Port ?? (wanted.Scheme ? usual(wantedScheme) : String(called));
  const fits =
    scheme === wantedScheme &&
    (url.port || usual(scheme)) === wantedPort &&
    (wanted.Host === undefined || url.hostname === wanted.Host) &&
    url.pathname === (wanted.Path ?? request.path.split("?")[0]);
  return fits ? undefined : `location: ${text}`;
}

function responseFault({ response }: HttpExpectation, { headers = {} }: Answer): string | undefined {
  const strip = (text: string) => (response?.ignoreWhitespace ? text.replace(/\s/g, "") : text);
  const found = (name: string) => {
    const value = headers[name.toLowerCase()];
    return value === undefined ? undefined : strip([value].flat().join(","));
  };
  for (const [name, value] of Object.entries(response?.headers ?? {}))
    if (found(name) !== strip(value)) return `response header ${name}: ${found(name)}`;
  for (const [name, values] of Object.entries(response?.validHeaderValues ?? {}))
    if (!values.map(strip).includes(found(name) ?? "")) return `response header ${name}: ${found(name)}`;
  const there = response?.absentHeaders?.find((name) => found(name) !== undefined);
  return there === undefined ? undefined : `response header ${there} is there`;
}

function backendFault({ request }: HttpStep, expect: HttpExpectation, told: Echoed | undefined): string | undefined {
  if (told === undefined) return expect.backend === undefined ? undefined : "no backend answered";
  if (expect.backend !== undefined && !told.pod.startsWith(expect.backend)) return `${told.pod} answered`;
  if (expect.backendNamespace && told.namespace !== expect.backendNamespace) return `${told.namespace} answered`;
  const wanted = { path: request.path, method: request.method, ...expect.backendRequest };
  if (told.path !== wanted.path || told.method !== wanted.method) return `the backend saw ${told.method} ${told.path}`;
  if (wanted.host !== undefined && told.host !== wanted.host) return `the backend saw Host ${told.host}`;
  for (const [name, value] of Object.entries(wanted.headers ?? {}))
    if (told.headers[name.toLowerCase()]?.join(",") !== value)
      return `the backend saw header ${name}: ${told.headers[name.toLowerCase()]}`;
  const there = wanted.absentHeaders?.find((name) => told.headers[name.toLowerCase()] !== undefined);
  return there === undefined ? undefined : `the backend saw header ${there}`;
}

/** Undefined where a proxy answered by itself. */
function echoed({ body = "" }: Answer): Echoed | undefined {
  try {
    return JSON.parse(body) as Echoed;
  } catch {
    return undefined;
  }
}
