import { type About, type Field, type Form, filled, isOn, number, text, type Wizard } from "./form.ts";
import { hostOf, type Route, routesOf, serviceOf, virtualServiceEdit } from "./service-rules.ts";

interface Fault {
  readonly delay?: { readonly percentage?: { readonly value?: number }; readonly fixedDelay?: string };
  readonly abort?: { readonly percentage?: { readonly value?: number }; readonly httpStatus?: number };
}

interface Retries {
  readonly attempts?: number;
  readonly perTryTimeout?: string;
  readonly retryOn?: string;
}

/** What Istio has requests asked again for. */
const usualConditions = "connect-failure,refused-stream,unavailable,cancelled,503";

/** Delays and errors on purpose. */
export const faultInjection: Wizard = {
  id: "fault-injection",
  title: "Fault injection",
  words: "Delay requests, or answer them with an error, to see what their callers do then.",
  group: "Resilience",
  subject: "service",
  start: (about) => {
    const { delay, abort } = (routesOf(about, "http")[0]?.["fault"] ?? {}) as Fault;
    return {
      which: "all",
      delay: delay !== undefined,
      delayShare: String(delay?.percentage?.value ?? 100),
      delayFor: delay?.fixedDelay ?? "5s",
      abort: abort !== undefined || delay === undefined,
      abortShare: String(abort?.percentage?.value ?? 100),
      status: String(abort?.httpStatus ?? 503),
    };
  },
  fields: (form, about) => [
    whichField(about),
    { id: "delay", label: "Delay", kind: "toggle" },
    ...(isOn(form, "delay")
      ? [
          share("delayShare", "Delayed"),
          {
            id: "delayFor",
            label: "For",
            kind: "text" as const,
            is: "duration" as const,
            needed: true,
            suggestions: ["500ms", "2s", "5s"],
          },
        ]
      : []),
    { id: "abort", label: "Answer with an error", kind: "toggle" },
    ...(isOn(form, "abort")
      ? [
          share("abortShare", "Refused"),
          {
            id: "status",
            label: "HTTP status",
            kind: "number" as const,
            is: "status" as const,
            needed: true,
            suggestions: ["400", "404", "429", "500", "503"],
          },
        ]
      : []),
  ],
  problems: (form) => [
    ...(isOn(form, "delay") || isOn(form, "abort")
      ? []
      : ["Neither a delay nor an error is chosen: this takes faults away."]),
  ],
  edits: (form, about) => {
    const delay = isOn(form, "delay")
      ? { percentage: { value: number(form, "delayShare") ?? 100 }, fixedDelay: text(form, "delayFor") }
      : undefined;
    const abort = isOn(form, "abort")
      ? { percentage: { value: number(form, "abortShare") ?? 100 }, httpStatus: number(form, "status") ?? 503 }
      : undefined;
    return [change(form, about, { fault: filled({ delay, abort }) })];
  },
};

/** How long an answer may take, and how often it is asked again. */
export const timeouts: Wizard = {
  id: "timeouts",
  title: "Timeouts and retries",
  words: "Say how long an answer may take, and how often and for what it is asked for again.",
  group: "Resilience",
  subject: "service",
  // What holds now: proxies ask twice more for these conditions where nobody says otherwise.
  start: (about) => {
    const { timeout = "", retries } = (routesOf(about, "http")[0] ?? {}) as { timeout?: string; retries?: Retries };
    return {
      which: "all",
      timeout,
      retry: retries?.attempts !== 0,
      attempts: String(retries?.attempts || 2),
      perTry: retries?.perTryTimeout ?? "",
      on: retries?.retryOn ?? usualConditions,
    };
  },
  fields: (form, about) => [
    whichField(about),
    {
      id: "timeout",
      label: "Timeout",
      hint: "Empty: none.",
      kind: "text",
      is: "duration",
      suggestions: ["500ms", "2s", "10s", "60s"],
    },
    { id: "retry", label: "Ask again", kind: "toggle" },
    ...(isOn(form, "retry")
      ? [
          { id: "attempts", label: "Times", kind: "number" as const, needed: true },
          {
            id: "perTry",
            label: "Each at most",
            hint: "Empty: the whole timeout.",
            kind: "text" as const,
            is: "duration" as const,
            suggestions: ["500ms", "2s"],
          },
          {
            id: "on",
            label: "For",
            hint: "Envoy's conditions and status codes, between commas.",
            kind: "text" as const,
            suggestions: ["5xx", "gateway-error,connect-failure,refused-stream", usualConditions],
          },
        ]
      : []),
  ],
  edits: (form, about) => {
    const retries = isOn(form, "retry")
      ? filled({
          attempts: number(form, "attempts") ?? 2,
          perTryTimeout: text(form, "perTry") || undefined,
          retryOn: text(form, "on") || undefined,
        })
      : { attempts: 0 };
    return [change(form, about, { timeout: text(form, "timeout") || undefined, retries })];
  },
};

function share(id: string, label: string): Field {
  return { id, label, kind: "number", is: "percent", needed: true, unit: "%" };
}

/** Which of the service's routes are meant. */
function whichField(about: About): Field {
  const routes = routesOf(about, "http");
  return {
    id: "which",
    label: "For",
    kind: "choice",
    choices: [
      { value: "all", label: routes.length > 1 ? `all ${routes.length} routes` : "all requests" },
      ...(routes.length > 1 ? routes.map((route, i) => ({ value: String(i), label: labelOf(route, i) })) : []),
    ],
  };
}

function labelOf(route: Route, i: number): string {
  if (route.name) return `route ${route.name}`;
  const match = route.match?.length ? JSON.stringify(route.match[0]).replace(/[{}"[\]]/g, "") : "what no other matches";
  return `route ${i + 1}: ${match}`.slice(0, 72);
}

function change(form: Form, about: About, fields: Readonly<Record<string, unknown>>) {
  const there = routesOf(about, "http");
  const which = text(form, "which");
  if (there.length === 0) {
    const route = [{ destination: { host: hostOf(serviceOf(about)) } }];
    return virtualServiceEdit(about, [[["spec", "http"], [defined({ route, ...fields })]]]);
  }
  const meant = there.flatMap((_, i) => (which === "all" || which === String(i) ? [i] : []));
  const set = meant.flatMap((i) =>
    Object.entries(fields).flatMap(([field, value]) =>
      value === undefined && there[i]?.[field] === undefined ? [] : [[["spec", "http", i, field], value] as const],
    ),
  );
  return virtualServiceEdit(about, set);
}

function defined(fields: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}
