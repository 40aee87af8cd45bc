import { type About, choices, type Field, filled, lines, number, rows, text, type Wizard, wordsOf } from "./form.ts";

const protocols = ["HTTP", "HTTPS", "TLS", "TCP", "GRPC"];

/** A way in by Istio's Gateway, with a service behind it if one is named. */
export const istioGateway: Wizard = {
  id: "gateway",
  title: "Gateway",
  words: "Open a port of a gateway for some hosts, and lead them to a service.",
  group: "Gateways",
  subject: "namespace",
  start: (about) => ({
    name: "shop-gateway",
    selector: selectors(about)[0] ?? "istio=ingressgateway",
    servers: [{ port: "8080", protocol: "HTTP", hosts: "*", tls: "SIMPLE", credential: "" }],
    service: "",
    path: "/",
  }),
  fields: (form, about) => [
    { id: "name", label: "Name", kind: "text", is: "name", needed: true },
    {
      id: "selector",
      label: "Gateway workload",
      hint: "Labels that select it.",
      kind: "text",
      is: "labels",
      needed: true,
      suggestions: selectors(about),
    },
    {
      id: "servers",
      label: "Ports",
      kind: "rows",
      add: "Add a port",
      fresh: { port: "8443", protocol: "HTTPS", hosts: "*", tls: "SIMPLE", credential: "" },
      columns: [
        { id: "port", label: "Port", kind: "number", is: "port", needed: true },
        { id: "protocol", label: "Protocol", kind: "choice", choices: choices(protocols) },
        { id: "hosts", label: "Hosts", kind: "text", is: "hosts", needed: true },
        {
          id: "tls",
          label: "TLS",
          kind: "choice",
          choices: choices(["SIMPLE", "MUTUAL", "PASSTHROUGH", "ISTIO_MUTUAL"]),
        },
        { id: "credential", label: "Secret", kind: "text" },
      ],
    },
    { id: "service", label: "Leads to", kind: "choice", choices: services(about) },
    ...(text(form, "service") === ""
      ? []
      : [{ id: "path", label: "Paths that begin with", kind: "text" as const, is: "path" as const }]),
  ],
  problems: (form) => [
    ...(rows(form, "servers").length === 0 ? ["Add a port."] : []),
    ...rows(form, "servers").flatMap((server, i) =>
      isEncrypted(server["protocol"]) &&
      ["SIMPLE", "MUTUAL"].includes(server["tls"] ?? "") &&
      !server["credential"]?.trim()
        ? [{ at: `servers/${i}/credential`, says: "Needed: the Secret with its certificate." }]
        : [],
    ),
  ],
  edits: (form, about) => {
    const name = text(form, "name");
    const base = { apiVersion: "networking.istio.io/v1", namespace: about.namespace };
    const servers = rows(form, "servers").map((server) => {
      const { port, protocol = "HTTP", hosts = "*", tls, credential } = server;
      return filled({
        port: { number: Number(port), name: `${protocol.toLowerCase()}-${port}`, protocol },
        hosts: wordsOf(hosts),
        tls: isEncrypted(protocol) ? filled({ mode: tls, credentialName: credential?.trim() || undefined }) : undefined,
      });
    });
    const gateway = {
      ...base,
      kind: "Gateway",
      name,
      set: [
        [["spec", "selector"], labelsOf(text(form, "selector"))],
        [["spec", "servers"], servers],
      ] as const,
    };
    const [host, port] = text(form, "service").split("|");
    if (!host) return [gateway];
    const hosts = [...new Set(rows(form, "servers").flatMap((s) => wordsOf(s["hosts"] ?? "*")))];
    const route = {
      match: [{ uri: { prefix: text(form, "path") || "/" } }],
      route: [{ destination: { host, ...(port ? { port: { number: Number(port) } } : {}) } }],
    };
    const set = [
      [["spec", "hosts"], hosts],
      [["spec", "gateways"], [name]],
      [["spec", "http"], [route]],
    ] as const;
    return [gateway, { ...base, kind: "VirtualService", name, set }];
  },
};

/** A way in by Gateway API. */
export const kubernetesGateway: Wizard = {
  id: "gateway-api",
  title: "Gateway (Gateway API)",
  words: "Have a gateway of your own made, with its listeners.",
  group: "Gateways",
  subject: "namespace",
  start: (about) => ({
    name: "shop",
    class: about.facts.gatewayClasses[0] ?? "istio",
    listeners: [{ name: "http", port: "8080", protocol: "HTTP", hostname: "", credential: "" }],
    from: "Same",
  }),
  fields: (_form, about) => [
    { id: "name", label: "Name", kind: "text", is: "name", needed: true },
    {
      id: "class",
      label: "Class",
      kind: "text",
      suggestions: about.facts.gatewayClasses.length > 0 ? about.facts.gatewayClasses : ["istio"],
    },
    {
      id: "listeners",
      label: "Listeners",
      kind: "rows",
      add: "Add a listener",
      fresh: { name: "https", port: "8443", protocol: "HTTPS", hostname: "", credential: "" },
      columns: [
        { id: "name", label: "Name", kind: "text", is: "name", needed: true },
        { id: "port", label: "Port", kind: "number", is: "port", needed: true },
        { id: "protocol", label: "Protocol", kind: "choice", choices: choices(["HTTP", "HTTPS", "TLS", "TCP"]) },
        { id: "hostname", label: "Host", kind: "text", is: "host" },
        { id: "credential", label: "Secret", kind: "text" },
      ],
    },
    {
      id: "from",
      label: "Routes from",
      kind: "choice",
      choices: [
        { value: "Same", label: "its own namespace" },
        { value: "All", label: "all namespaces" },
      ],
    },
  ],
  problems: (form) => [
    ...(rows(form, "listeners").length === 0 ? ["Add a listener."] : []),
    ...rows(form, "listeners").flatMap((l, i) =>
      isEncrypted(l["protocol"]) && !l["credential"]?.trim()
        ? [{ at: `listeners/${i}/credential`, says: "Needed: the Secret with its certificate." }]
        : [],
    ),
  ],
  edits: (form, about) => {
    const listeners = rows(form, "listeners").map((l) =>
      filled({
        name: l["name"],
        port: number(l, "port"),
        protocol: l["protocol"],
        hostname: l["hostname"]?.trim() || undefined,
        tls: isEncrypted(l["protocol"])
          ? { mode: "Terminate", certificateRefs: [{ name: l["credential"]?.trim() }] }
          : undefined,
        allowedRoutes: { namespaces: { from: text(form, "from") } },
      }),
    );
    const set = [
      [["spec", "gatewayClassName"], text(form, "class")],
      [["spec", "listeners"], listeners],
    ] as const;
    return [
      {
        apiVersion: "gateway.networking.k8s.io/v1",
        kind: "Gateway",
        namespace: about.namespace,
        name: text(form, "name"),
        set,
      },
    ];
  },
};

/** Lets routes of one namespace name Services or Secrets of another. */
export const referenceGrant: Wizard = {
  id: "reference-grant",
  title: "ReferenceGrant",
  words: "Let routes or gateways of another namespace name Services or Secrets of this one.",
  group: "Gateways",
  subject: "namespace",
  start: (about) => ({
    name: "grant",
    from: about.facts.namespaces.find((n) => n !== about.namespace) ?? "",
    kind: "HTTPRoute",
    to: "Service",
    only: "",
  }),
  fields: (_form, about): readonly Field[] => [
    { id: "name", label: "Name", kind: "text", is: "name", needed: true },
    {
      id: "from",
      label: "From namespace",
      kind: "text",
      is: "name",
      needed: true,
      suggestions: about.facts.namespaces,
    },
    {
      id: "kind",
      label: "Its",
      kind: "choice",
      choices: choices(["HTTPRoute", "GRPCRoute", "TCPRoute", "TLSRoute", "Gateway"]),
    },
    { id: "to", label: "May name", kind: "choice", choices: choices(["Service", "Secret"]) },
    { id: "only", label: "Only these", hint: "One a line; empty: all.", kind: "lines", is: "name" },
  ],
  edits: (form, about) => {
    const from = [{ group: "gateway.networking.k8s.io", kind: text(form, "kind"), namespace: text(form, "from") }];
    const only = lines(form, "only");
    const to = (only.length > 0 ? only : [undefined]).map((name) =>
      filled({ group: "", kind: text(form, "to"), name }),
    );
    const set = [
      [["spec", "from"], from],
      [["spec", "to"], to],
    ] as const;
    return [
      {
        apiVersion: "gateway.networking.k8s.io/v1",
        kind: "ReferenceGrant",
        namespace: about.namespace,
        name: text(form, "name"),
        set,
      },
    ];
  },
};

/** `app=reviews,version=v1` as labels. */
export function labelsOf(written: string): Readonly<Record<string, string>> {
  return Object.fromEntries(
    wordsOf(written).map((pair) => {
      const at = pair.indexOf("=");
      return at < 0 ? [pair, ""] : [pair.slice(0, at).trim(), pair.slice(at + 1).trim()];
    }),
  );
}

function isEncrypted(protocol: string | undefined): boolean {
  return protocol === "HTTPS" || protocol === "TLS";
}

function selectors({ facts }: About): readonly string[] {
  const found = facts.workloads.flatMap(({ labels }) => (labels["istio"] ? [`istio=${labels["istio"]}`] : []));
  return [...new Set(found)];
}

function services({ facts, namespace }: About) {
  const own = facts.services.filter((s) => s.kind === "Service");
  return [
    { value: "", label: "nothing yet" },
    ...own.flatMap((s) =>
      s.ports.map((port) => ({
        value: `${s.namespace === namespace ? s.name : s.host}|${port.number}`,
        label: `${s.name}${s.namespace === namespace ? "" : ` in ${s.namespace}`}, port ${port.number}`,
      })),
    ),
  ];
}
