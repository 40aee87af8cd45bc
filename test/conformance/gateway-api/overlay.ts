import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parseAllDocuments, stringify } from "yaml";
import { folder } from "./cases.ts";

interface Container {
  readonly name?: string;
  readonly args?: readonly string[];
  readonly env?: readonly { readonly name: string; readonly value?: string }[];
}

export interface Document {
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string };
  readonly spec?: {
    readonly template?: {
      readonly metadata?: {
        readonly labels?: Readonly<Record<string, string>>;
        readonly annotations?: Readonly<Record<string, string>>;
      };
      readonly spec?: { readonly containers?: readonly Container[] };
    };
  };
}

/** A Deployment that can make calls. */
export interface Caller {
  readonly namespace: string;
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
}

/** Files of a server's certificate. */
interface Files {
  readonly cert: string;
  readonly key: string;
}

/** The manifests of a file of the suite as they run here: its images become one program, and a class of Gateways is named. */
export function overlaid(
  file: string,
  sidecars: boolean,
  files: Files,
): { readonly text: string; readonly callers: readonly Caller[] } {
  const documents = parseAllDocuments(
    readFileSync(join(folder, file), "utf8").replaceAll("{GATEWAY_CLASS_NAME}", "istio"),
  )
    .map((d) => d.toJS() as Document | null)
    .filter((d) => d !== null);
  const ours = documents.map((d) => (d.kind === "Deployment" ? deployment(d, sidecars, files) : d));
  const callers = documents.flatMap((d) =>
    d.kind === "Deployment" && sidecars
      ? [
          {
            namespace: d.metadata.namespace ?? "default",
            name: d.metadata.name,
            labels: d.spec?.template?.metadata?.labels ?? {},
          },
        ]
      : [],
  );
  return { text: ours.map((d) => stringify(d)).join("---\n"), callers };
}

function deployment(said: Document, sidecars: boolean, { cert, key }: Files): Document {
  const template = said.spec?.template;
  const [container = {}] = template?.spec?.containers ?? [];
  const field = (name: string, fieldPath: string) => ({ name, valueFrom: { fieldRef: { fieldPath } } });
  const env = [
    field("POD_NAME", "metadata.name"),
    field("NAMESPACE", "metadata.namespace"),
    { name: "ECHO_PORTS", value: JSON.stringify(portsOf(container)) },
    { name: "TLS_SERVER_CERT", value: cert },
    { name: "TLS_SERVER_KEY", value: key },
  ];
  const annotations = {
    ...template?.metadata?.annotations,
    "weft.dev/run": `node ${join(import.meta.dirname, "echo.mjs")}`,
    "sidecar.istio.io/inject": String(sidecars),
  };
  return {
    ...said,
    spec: {
      ...said.spec,
      replicas: 1,
      template: {
        metadata: { ...template?.metadata, annotations },
        spec: { containers: [{ name: "echo", env }] },
      },
    } as NonNullable<Document["spec"]>,
  };
}

/** What the suite's two images listen to, which is told by arguments or by variables. */
function portsOf({ args, env = [] }: Container): Readonly<Record<number, string>> {
  if (args?.includes("--grpc=7070")) return { 8080: "http", 9090: "tcp", 7070: "grpc" };
  if (args !== undefined) return { 53: "udp" };
  const says = (name: string) => env.some((e) => e.name === name);
  if (says("GRPC_ECHO_SERVER")) return { 3000: "grpc" };
  if (says("UDP_ECHO_SERVER")) return { 8080: "udp" };
  const tls = says("TLS_SERVER_CERT");
  if (says("TCP_ECHO_SERVER")) return { 3000: "tcp", ...(tls ? { 8443: "tls-tcp" } : {}) };
  return { 3000: "http", 3001: "http2", ...(tls ? { 8443: "tls" } : {}) };
}

/** Who calls Gateways from outside of the mesh. */
export function driver(): string {
  const labels = { app: "driver" };
  const annotations = {
    "weft.dev/run": `node ${join(import.meta.dirname, "echo.mjs")}`,
    "sidecar.istio.io/inject": "false",
  };
  return stringify({
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name: "driver", namespace: "calls" },
    spec: {
      selector: { matchLabels: labels },
      template: { metadata: { labels, annotations }, spec: { containers: [{ name: "driver" }] } },
    },
  });
}

/** Objects of manifests, for what the suite's harness reads from a cluster. */
export function objectsOf(file: string): readonly Document[] {
  return parseAllDocuments(readFileSync(join(folder, file), "utf8"))
    .map((d) => d.toJS() as Document | null)
    .filter((d) => d !== null);
}

/** Doors to the callers: each has the host `NAME.NAMESPACE.calls` at the ingress gateway. */
export function callDoors(callers: readonly Caller[]): string {
  const gateway = {
    apiVersion: "networking.istio.io/v1",
    kind: "Gateway",
    metadata: { name: "calls", namespace: "calls" },
    spec: {
      selector: { istio: "ingressgateway" },
      servers: [{ port: { number: 80, name: "http", protocol: "HTTP" }, hosts: ["*"] }],
    },
  };
  const doors = callers.flatMap(({ namespace, name, labels }) => [
    {
      apiVersion: "v1",
      kind: "Service",
      metadata: { name: `calls-${name}`, namespace },
      spec: { selector: labels, ports: [{ name: "http", port: 9999 }] },
    },
    {
      apiVersion: "networking.istio.io/v1",
      kind: "VirtualService",
      metadata: { name: `calls-${name}`, namespace },
      spec: {
        hosts: [`${name}.${namespace}.calls`],
        gateways: ["calls/calls"],
        http: [{ route: [{ destination: { host: `calls-${name}` } }], retries: { attempts: 0 } }],
      },
    },
  ]);
  return [{ apiVersion: "v1", kind: "Namespace", metadata: { name: "calls" } }, gateway, ...doors]
    .map((d) => stringify(d))
    .join("---\n");
}
