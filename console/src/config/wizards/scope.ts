import { choices, filled, lines, number, rows, text, type Wizard } from "./form.ts";
import { labelsOf } from "./gateways.ts";
import { selectorField } from "./security.ts";

const apiVersion = "networking.istio.io/v1";

/** Makes a host of outside known to the mesh. */
export const serviceEntry: Wizard = {
  id: "service-entry",
  title: "Service entry",
  words: "Make a host outside of the mesh known to it, so that it has a name, rules and figures of its own.",
  group: "Scope",
  subject: "namespace",
  start: ({ given = {} }) => ({
    name: given.host === undefined ? "outside" : nameOf(given.host),
    hosts: given.host ?? "api.example.com",
    addresses: given.address ?? "",
    location: "MESH_EXTERNAL",
    resolution: given.address === undefined ? "DNS" : "NONE",
    ports: [{ number: given.port ?? "443", protocol: given.protocol ?? "TLS" }],
    endpoints: [],
  }),
  fields: (_form) => [
    { id: "name", label: "Name", kind: "text", is: "name", needed: true },
    { id: "hosts", label: "Hosts", hint: "One a line.", kind: "lines", is: "host", needed: true },
    {
      id: "addresses",
      label: "Addresses",
      hint: "That callers use in place of the name; one a line. Empty: none.",
      kind: "lines",
      is: "address",
    },
    {
      id: "ports",
      label: "Ports",
      kind: "rows",
      add: "Add a port",
      fresh: { number: "80", protocol: "HTTP" },
      columns: [
        { id: "number", label: "Port", kind: "number", is: "port", needed: true },
        {
          id: "protocol",
          label: "Protocol",
          kind: "choice",
          choices: choices(["HTTP", "HTTPS", "TLS", "TCP", "GRPC", "HTTP2", "MONGO"]),
        },
      ],
    },
    {
      id: "location",
      label: "It is",
      kind: "choice",
      choices: [
        { value: "MESH_EXTERNAL", label: "outside of the mesh" },
        { value: "MESH_INTERNAL", label: "a part of the mesh" },
      ],
    },
    {
      id: "resolution",
      label: "Its address",
      kind: "choice",
      choices: [
        { value: "DNS", label: "by DNS" },
        { value: "STATIC", label: "as listed here" },
        { value: "NONE", label: "whatever the caller connected to" },
      ],
    },
    {
      id: "endpoints",
      label: "Endpoints",
      kind: "rows",
      add: "Add an endpoint",
      fresh: { address: "192.0.2.10", port: "" },
      columns: [
        { id: "address", label: "Address", kind: "text", is: "address", needed: true },
        { id: "port", label: "Its port, if another", kind: "number", is: "port" },
      ],
    },
  ],
  problems: (form) => [
    ...(rows(form, "ports").length === 0 ? ["Add a port."] : []),
    ...(text(form, "resolution") === "STATIC" && rows(form, "endpoints").length === 0 ? ["List its endpoints."] : []),
  ],
  edits: (form, about) => {
    const ports = rows(form, "ports").map((row) => ({
      number: number(row, "number"),
      name: `${(row["protocol"] ?? "TCP").toLowerCase()}-${row["number"]}`,
      protocol: row["protocol"],
    }));
    const endpoints = rows(form, "endpoints").map((row) => {
      const port = number(row, "port");
      return filled({
        address: row["address"]?.trim(),
        ports: port && ports[0] ? { [ports[0].name]: port } : undefined,
      });
    });
    const set = [
      [["spec", "hosts"], lines(form, "hosts")],
      ...(lines(form, "addresses").length > 0 ? [[["spec", "addresses"], lines(form, "addresses")] as const] : []),
      [["spec", "location"], text(form, "location")],
      [["spec", "ports"], ports],
      [["spec", "resolution"], text(form, "resolution")],
      ...(endpoints.length > 0 ? [[["spec", "endpoints"], endpoints] as const] : []),
    ] as const;
    return [{ apiVersion, kind: "ServiceEntry", namespace: about.namespace, name: text(form, "name"), set }];
  },
};

/** A host as a name of an object. */
function nameOf(host: string): string {
  const name = host.toLowerCase().replace(/[^a-z0-9]+/g, "-");
  return name.replace(/^-+|-+$/g, "").slice(0, 63) || "outside";
}

/** What a workload's proxy knows of the mesh. */
export const sidecar: Wizard = {
  id: "sidecar",
  title: "Sidecar",
  words: "Tell proxies of the hosts that they need and of no others: they get smaller and learn of fewer changes.",
  group: "Scope",
  subject: "namespace",
  start: () => ({ name: "default", selector: "", hosts: "./*\nistio-system/*", outside: "" }),
  fields: (_form, about) => [
    { id: "name", label: "Name", kind: "text", is: "name", needed: true },
    selectorField(about),
    {
      id: "hosts",
      label: "Hosts that they call",
      hint: "namespace/host, one a line; ./* is all of their own namespace.",
      kind: "lines",
      is: "egress",
      needed: true,
    },
    {
      id: "outside",
      label: "Other hosts",
      kind: "choice",
      choices: [
        { value: "", label: "as the mesh says" },
        { value: "ALLOW_ANY", label: "may be called" },
        { value: "REGISTRY_ONLY", label: "may not be called" },
      ],
    },
  ],
  edits: (form, about) => {
    const [selector, outside] = [text(form, "selector"), text(form, "outside")];
    const set = [
      ...(selector === "" ? [] : [[["spec", "workloadSelector", "labels"], labelsOf(selector)] as const]),
      [["spec", "egress"], [{ hosts: lines(form, "hosts") }]] as const,
      ...(outside === "" ? [] : [[["spec", "outboundTrafficPolicy"], { mode: outside }] as const]),
    ];
    return [{ apiVersion, kind: "Sidecar", namespace: about.namespace, name: text(form, "name"), set }];
  },
};
