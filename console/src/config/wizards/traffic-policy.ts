import { choices, filled, number, text, type Wizard } from "./form.ts";
import { destinationRuleEdit, destinationRuleOf } from "./service-rules.ts";

/** Bounds on what a service is asked at once, and endpoints that fail taken out. */
export const circuitBreaking: Wizard = {
  id: "circuit-breaking",
  title: "Circuit breaking",
  words: "Bound what the service is asked at once, and leave out endpoints that keep failing.",
  group: "Resilience",
  subject: "service",
  start: (about) => {
    const { connectionPool: pool, outlierDetection: outlier } = (destinationRuleOf(about)?.spec["trafficPolicy"] ??
      {}) as {
      connectionPool?: { tcp?: Record<string, unknown>; http?: Record<string, unknown> };
      outlierDetection?: Record<string, unknown>;
    };
    const was = (value: unknown, usual: string) => (value === undefined ? usual : String(value));
    return {
      connections: was(pool?.tcp?.["maxConnections"], "100"),
      pending: was(pool?.http?.["http1MaxPendingRequests"], "10"),
      requests: was(pool?.http?.["http2MaxRequests"], "100"),
      perConnection: was(pool?.http?.["maxRequestsPerConnection"], ""),
      errors: was(outlier?.["consecutive5xxErrors"], "5"),
      interval: was(outlier?.["interval"], "10s"),
      ejection: was(outlier?.["baseEjectionTime"], "30s"),
      most: was(outlier?.["maxEjectionPercent"], "50"),
    };
  },
  fields: () => [
    {
      id: "connections",
      label: "Connections at most",
      hint: "Of each caller's proxy, to all endpoints. Empty: as many as there are.",
      kind: "number",
    },
    { id: "pending", label: "Waiting requests at most", kind: "number" },
    { id: "requests", label: "Requests at once at most", kind: "number" },
    { id: "perConnection", label: "Requests a connection", hint: "1: none is used again.", kind: "number" },
    {
      id: "errors",
      label: "Errors in a row",
      hint: "5xx after which an endpoint is left out. Empty: none is.",
      kind: "number",
    },
    { id: "interval", label: "Looked at every", kind: "text", is: "duration", suggestions: ["1s", "10s", "30s"] },
    {
      id: "ejection",
      label: "Left out for",
      hint: "Longer each time.",
      kind: "text",
      is: "duration",
      suggestions: ["30s", "3m"],
    },
    { id: "most", label: "Of all endpoints at most", kind: "number", is: "percent", unit: "%" },
  ],
  edits: (form, about) => {
    const tcp = filled({ maxConnections: number(form, "connections") });
    const http = filled({
      http1MaxPendingRequests: number(form, "pending"),
      http2MaxRequests: number(form, "requests"),
      maxRequestsPerConnection: number(form, "perConnection"),
    });
    const errors = number(form, "errors");
    const outlier =
      errors === undefined
        ? undefined
        : filled({
            consecutive5xxErrors: errors,
            interval: text(form, "interval") || undefined,
            baseEjectionTime: text(form, "ejection") || undefined,
            maxEjectionPercent: number(form, "most"),
          });
    const before = destinationRuleOf(about)?.spec["trafficPolicy"] as Readonly<Record<string, unknown>> | undefined;
    const policy = filled({ ...before, connectionPool: filled({ tcp, http }), outlierDetection: outlier });
    return [destinationRuleEdit(about, [[["spec", "trafficPolicy"], policy]])];
  },
};

/** Which endpoint takes the next request, and how its callers speak to it. */
export const balancing: Wizard = {
  id: "load-balancing",
  title: "Load balancing and TLS",
  words: "Choose which endpoint takes the next request, keep a caller at one, and say how connections are encrypted.",
  group: "Routing",
  subject: "service",
  start: () => ({ how: "LEAST_REQUEST", key: "", tls: "" }),
  fields: (form) => [
    {
      id: "how",
      label: "Next endpoint",
      kind: "choice",
      choices: [
        ...choices(["LEAST_REQUEST", "ROUND_ROBIN", "RANDOM", "PASSTHROUGH"]),
        { value: "header", label: "the same for the same header" },
        { value: "cookie", label: "the same for the same cookie" },
        { value: "ip", label: "the same for the same address" },
      ],
    },
    ...(["header", "cookie"].includes(text(form, "how"))
      ? [{ id: "key", label: `Name of the ${text(form, "how")}`, kind: "text" as const, needed: true }]
      : []),
    {
      id: "tls",
      label: "TLS of callers",
      hint: "As the mesh does it is mutual TLS wherever the endpoint has a proxy.",
      kind: "choice",
      choices: [{ value: "", label: "as the mesh does it" }, ...choices(["ISTIO_MUTUAL", "SIMPLE", "DISABLE"])],
    },
  ],
  edits: (form, about) => {
    const [how, key, tls] = [text(form, "how"), text(form, "key"), text(form, "tls")];
    const hash = {
      header: { httpHeaderName: key },
      cookie: { httpCookie: { name: key, ttl: "0s" } },
      ip: { useSourceIp: true },
    }[how];
    const before = destinationRuleOf(about)?.spec["trafficPolicy"] as Readonly<Record<string, unknown>> | undefined;
    const loadBalancer = hash ? { consistentHash: hash } : { simple: how };
    const policy = filled({ ...before, loadBalancer, tls: tls === "" ? undefined : { mode: tls } });
    return [destinationRuleEdit(about, [[["spec", "trafficPolicy"], policy]])];
  },
};
