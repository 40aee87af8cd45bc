import { type About, choices, type Form, filled, number, type Row, rows, text, type Wizard, wordsOf } from "./form.ts";
import { serviceOf } from "./service-rules.ts";

const apiVersion = "gateway.networking.k8s.io/v1";

/** Gateway API's HTTP routes to a service. */
export const httpRoute: Wizard = {
  id: "http-route",
  title: "HTTP route (Gateway API)",
  words: "Lead hosts and paths of a Gateway, or callers in the mesh, to services by share.",
  group: "Gateways",
  subject: "service",
  start: (about) => ({
    name: serviceOf(about).name,
    parent: parents(about)[0]?.value ?? "",
    hosts: "",
    rules: [{ path: "/", method: "", header: "", backend: serviceOf(about).name, weight: "100", timeout: "" }],
  }),
  fields: (_form, about) => [
    { id: "name", label: "Name", kind: "text", is: "name", needed: true },
    { id: "parent", label: "Attached to", kind: "choice", choices: parents(about) },
    { id: "hosts", label: "Hosts", hint: "Between commas; empty: all.", kind: "text", is: "hosts" },
    {
      id: "rules",
      label: "Rules",
      hint: "Rows with the same match share the requests by weight.",
      kind: "rows",
      add: "Add a rule",
      fresh: { path: "/", method: "", header: "", backend: serviceOf(about).name, weight: "100", timeout: "" },
      columns: [
        { id: "path", label: "Path begins", kind: "text", is: "path" },
        {
          id: "method",
          label: "Method",
          kind: "choice",
          choices: [
            { value: "", label: "any" },
            ...choices(["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"]),
          ],
        },
        { id: "header", label: "Header", kind: "text", is: "header", suggestions: ["end-user: jason"] },
        { id: "backend", label: "To", kind: "text", is: "backend", needed: true, suggestions: backends(about) },
        { id: "weight", label: "Weight", kind: "number" },
        { id: "timeout", label: "Timeout", kind: "text", is: "duration" },
      ],
    },
  ],
  edits: (form, about) => {
    const rules = grouped(form).map(([first, all]) =>
      filled({
        matches: [
          filled({
            path: { type: "PathPrefix", value: first["path"]?.trim() || "/" },
            method: first["method"] || undefined,
            headers: headersOf(first["header"] ?? ""),
          }),
        ],
        timeouts: first["timeout"]?.trim() ? { request: first["timeout"].trim() } : undefined,
        backendRefs: backendRefs(all, about),
      }),
    );
    return [route("HTTPRoute", form, about, rules)];
  },
};

/** Gateway API's gRPC routes to a service. */
export const grpcRoute: Wizard = {
  id: "grpc-route",
  title: "gRPC route (Gateway API)",
  words: "Lead gRPC services and methods to services by share.",
  group: "Gateways",
  subject: "service",
  start: (about) => ({
    name: serviceOf(about).name,
    parent: parents(about)[0]?.value ?? "",
    hosts: "",
    rules: [{ service: "", method: "", backend: serviceOf(about).name, weight: "100" }],
  }),
  fields: (_form, about) => [
    { id: "name", label: "Name", kind: "text", is: "name", needed: true },
    { id: "parent", label: "Attached to", kind: "choice", choices: parents(about) },
    { id: "hosts", label: "Hosts", hint: "Between commas; empty: all.", kind: "text", is: "hosts" },
    {
      id: "rules",
      label: "Rules",
      kind: "rows",
      add: "Add a rule",
      fresh: { service: "", method: "", backend: serviceOf(about).name, weight: "100" },
      columns: [
        { id: "service", label: "gRPC service", kind: "text" },
        { id: "method", label: "Method", kind: "text" },
        { id: "backend", label: "To", kind: "text", is: "backend", needed: true, suggestions: backends(about) },
        { id: "weight", label: "Weight", kind: "number" },
      ],
    },
  ],
  edits: (form, about) => {
    const rules = grouped(form).map(([first, all]) => {
      const method = filled({
        service: first["service"]?.trim() || undefined,
        method: first["method"]?.trim() || undefined,
      });
      return filled({ matches: method ? [{ method }] : undefined, backendRefs: backendRefs(all, about) });
    });
    return [route("GRPCRoute", form, about, rules)];
  },
};

function route(kind: string, form: Form, about: About, rules: readonly unknown[]) {
  const [parentKind = "Service", namespace = "", name = ""] = text(form, "parent").split("/");
  const own = namespace === serviceOf(about).namespace ? {} : { namespace };
  const parent = parentKind === "Service" ? { group: "", kind: "Service", name, ...own } : { name, ...own };
  const hosts = wordsOf(text(form, "hosts"));
  const set = [
    [["spec", "parentRefs"], [parent]],
    ...(hosts.length > 0 ? [[["spec", "hostnames"], hosts] as const] : []),
    [["spec", "rules"], rules],
  ] as const;
  return { apiVersion, kind, namespace: serviceOf(about).namespace, name: text(form, "name"), set };
}

/** Rows of the same match, in the order of their first. */
function grouped(form: Form): readonly (readonly [Row, readonly Row[]])[] {
  const key = ({ backend: _b, weight: _w, timeout: _t, ...match }: Row) => JSON.stringify(Object.entries(match).sort());
  return [...Map.groupBy(rows(form, "rules"), key).values()].flatMap((all) => (all[0] ? [[all[0], all] as const] : []));
}

function backendRefs(all: readonly Row[], about: About): readonly unknown[] {
  return all.map((row) => {
    const [name = "", port] = (row["backend"] ?? "").trim().split(":");
    const known = about.facts.services.find((s) => s.name === name && s.namespace === serviceOf(about).namespace);
    const number_ = port ? Number(port) : (known ?? serviceOf(about)).ports[0]?.number;
    return filled({ name, port: number_, weight: all.length > 1 ? (number(row, "weight") ?? 1) : undefined });
  });
}

function headersOf(written: string): readonly unknown[] {
  const at = written.indexOf(":");
  return at < 1 ? [] : [{ name: written.slice(0, at).trim(), value: written.slice(at + 1).trim() }];
}

/** Gateways of Gateway API, and the service itself for callers in the mesh. */
function parents(about: About) {
  const { namespace, name } = serviceOf(about);
  return [
    ...about.facts.gateways
      .filter((g) => g.type === "Gateway.gateway.networking.k8s.io")
      .map((g) => ({ value: `Gateway/${g.namespace}/${g.name}`, label: `Gateway ${g.name} in ${g.namespace}` })),
    { value: `Service/${namespace}/${name}`, label: `callers of ${name} in the mesh` },
  ];
}

function backends(about: About): readonly string[] {
  const { namespace } = serviceOf(about);
  return about.facts.services.filter((s) => s.namespace === namespace && s.kind === "Service").map((s) => s.name);
}
