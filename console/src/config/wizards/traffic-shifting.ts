import type { Fault } from "./checks.ts";
import { type About, choices, type Form, number, type Row, rows, text, type Wizard } from "./form.ts";
import { destination, type Route, routesOf, serviceOf, subsetEdits, virtualServiceEdit } from "./service-rules.ts";

/** Shares of requests by version. */
export const trafficShifting: Wizard = {
  id: "traffic-shifting",
  title: "Traffic shifting",
  words: "Give each version its share of the requests, and mirror them to another if you like.",
  group: "Routing",
  subject: "service",
  start: (about) => ({ weights: weightRows(about, "http"), mirror: "", mirrored: "100" }),
  fields: (form, about) => [
    weightsField("Share of the requests"),
    {
      id: "mirror",
      label: "Mirror to",
      hint: "It gets a copy; its answers are thrown away.",
      kind: "choice",
      choices: [{ value: "", label: "nowhere" }, ...choices(serviceOf(about).versions.map((v) => v.name))],
    },
    ...(text(form, "mirror") === ""
      ? []
      : [
          { id: "mirrored", label: "Copied", kind: "number" as const, is: "percent" as const, needed: true, unit: "%" },
        ]),
  ],
  problems: (form, about) => weightProblems(form, about),
  edits: (form, about) => {
    const mirror = text(form, "mirror");
    const route = weighted(form, about);
    const copy =
      mirror === ""
        ? { mirror: undefined, mirrorPercentage: undefined }
        : { mirror: destination(about, mirror), mirrorPercentage: { value: number(form, "mirrored") ?? 100 } };
    const http = withDefault(routesOf(about, "http"), (before) => without({ ...before, route, ...copy }));
    return [...subsetEdits(about, used(form, mirror)), virtualServiceEdit(about, [[["spec", "http"], http]])];
  },
};

/** Shares of connections by version. */
export const tcpShifting: Wizard = {
  id: "tcp-shifting",
  title: "TCP traffic shifting",
  words: "Give each version its share of the connections of a TCP port.",
  group: "Routing",
  subject: "service",
  start: (about) => ({ port: String(tcpPorts(about)[0] ?? ""), weights: weightRows(about, "tcp") }),
  fields: (_form, about) => [
    { id: "port", label: "Port", kind: "choice", choices: choices(tcpPorts(about).map(String)) },
    weightsField("Share of the connections"),
  ],
  problems: (form, about) => [
    ...weightProblems(form, about),
    ...(number(form, "port") === undefined ? ["The service has no port."] : []),
  ],
  edits: (form, about) => {
    const port = number(form, "port");
    const route = weighted(form, about);
    const others = routesOf(about, "tcp").filter((r) => portOf(r) !== port);
    const tcp = [{ match: [{ port }], route }, ...others];
    return [...subsetEdits(about, used(form, "")), virtualServiceEdit(about, [[["spec", "tcp"], tcp]])];
  },
};

function tcpPorts(about: About): readonly number[] {
  const { ports } = serviceOf(about);
  const isHttp = (protocol: string) => protocol.startsWith("http") || protocol.startsWith("grpc");
  return ports.toSorted((a, b) => Number(isHttp(a.protocol)) - Number(isHttp(b.protocol))).map((p) => p.number);
}

function portOf(route: Route): number | undefined {
  return (route.match?.[0] as { readonly port?: number } | undefined)?.port;
}

function weightsField(label: string) {
  return {
    id: "weights",
    label,
    hint: "Together 100 %.",
    kind: "rows" as const,
    columns: [
      { id: "version", label: "Version", kind: "said" as const },
      { id: "weight", label: "Share", kind: "number" as const, needed: true, unit: "%" },
    ],
  };
}

/** Shares as they are now, else equal ones. */
function weightRows(about: About, protocol: "http" | "tcp"): readonly Row[] {
  const { versions } = serviceOf(about);
  const now = new Map<string, number>();
  for (const one of routesOf(about, protocol).findLast((r) => protocol === "tcp" || !r.match?.length)?.route ?? []) {
    const { destination: to, weight } = one as { destination?: { subset?: string }; weight?: number };
    const version = versions.find((v) => destination(about, v.name).subset === to?.subset);
    if (version) now.set(version.name, weight ?? 100);
  }
  const even = Math.floor(100 / Math.max(1, versions.length));
  return versions.map((v, i) => ({
    version: v.name,
    weight: String(now.size > 0 ? (now.get(v.name) ?? 0) : i === 0 ? 100 - even * (versions.length - 1) : even),
  }));
}

function weighted(form: Form, about: About): readonly unknown[] {
  return rows(form, "weights")
    .map((row) => ({ destination: destination(about, row["version"] ?? ""), weight: number(row, "weight") ?? 0 }))
    .filter((one) => one.weight > 0);
}

function used(form: Form, mirror: string): readonly string[] {
  const all = rows(form, "weights").map((row) => row["version"] ?? "");
  return mirror === "" ? all : [...all, mirror];
}

function weightProblems(form: Form, about: About): readonly (string | Fault)[] {
  const { versions, name } = serviceOf(about);
  if (versions.length === 0) return [`No workload of ${name} has a version label.`];
  const weights = rows(form, "weights").map((row) => number(row, "weight") ?? Number.NaN);
  const wrong = weights.flatMap((w, i) =>
    Number.isInteger(w) && w >= 0 && w <= 100 ? [] : [{ at: `weights/${i}/weight`, says: "A whole number, 0 to 100." }],
  );
  if (wrong.length > 0) return wrong;
  const sum = weights.reduce((a, b) => a + b, 0);
  return sum === 100 ? [] : [`The shares make ${sum} %, and have to make 100 %.`];
}

/** The routes with the one changed that takes what no other matches; it is added where there is none. */
function withDefault(routes: readonly Route[], change: (before: Route) => Route): readonly Route[] {
  const at = routes.findLastIndex((r) => !r.match?.length);
  return at < 0 ? [...routes, change({})] : routes.map((r, i) => (i === at ? change(r) : r));
}

function without(route: Route): Route {
  return Object.fromEntries(Object.entries(route).filter(([, value]) => value !== undefined));
}
