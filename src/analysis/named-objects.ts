import type { FieldPath } from "../model/origin.ts";
import type { Resource, Type } from "../model/resource.ts";
import { types } from "../model/types.ts";
import { selectorText } from "./workloads.ts";

/** Something that a field of an object names, as it is written. */
export type Named =
  | {
      readonly is: "host";
      readonly path: FieldPath;
      readonly text: string;
      readonly subset?: { readonly path: FieldPath; readonly name: string };
    }
  | {
      readonly is: "selector";
      readonly path: FieldPath;
      readonly text: string;
      readonly labels: Readonly<Record<string, string>>;
      /** Gateways select in all namespaces. */
      readonly everywhere: boolean;
    }
  | {
      readonly is: "object";
      readonly path: FieldPath;
      readonly text: string;
      readonly type: Type;
      readonly namespace: string;
      readonly name: string;
    };

type Fields = Readonly<Record<string, unknown>>;
type Reader = (value: unknown, path: FieldPath, object: Resource) => readonly Named[];

/** Everything that an object names, in the order of its fields. Pure. */
export function namedIn(object: Resource): readonly Named[] {
  return walk(object.spec, ["spec"], object);
}

function walk(value: unknown, path: FieldPath, object: Resource): readonly Named[] {
  if (Array.isArray(value)) return value.flatMap((item, i) => walk(item, [...path, i], object));
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([field, inner]) => {
    const here = [...path, field];
    const reader = Object.hasOwn(readers, field) ? readers[field] : undefined;
    const found = reader?.(inner, here, object);
    return found && found.length > 0 ? found : walk(inner, here, object);
  });
}

const readers: Readonly<Record<string, Reader>> = {
  destination: (value, path) => hostOf(value, path),
  mirror: (value, path) => hostOf(value, path),
  host: (value, path, { type }) => (type === types.DestinationRule && path.length === 2 ? host(value, path) : []),
  hosts: (value, path, { type }) => (type === types.VirtualService && path.length === 2 ? hosts(value, path) : []),
  gateways: (value, path, object) => texts(value, path).flatMap(([text, at]) => gateway(text, at, object)),
  delegate: (value, path, object) => byName(value, path, types.VirtualService, object),
  selector: (value, path, object) => selector(value, path, object),
  workloadSelector: (value, path, object) => selector(value, path, object),
  credentialName: (value, path, { namespace }) =>
    typeof value === "string" && value !== "" && !value.includes("://")
      ? [{ is: "object", path, text: value, type: types.Secret, namespace, name: value }]
      : [],
  targetRef: (value, path, object) => target(value, path, object, "Service"),
  targetRefs: (value, path, object) => targets(value, path, object, "Service"),
  parentRefs: (value, path, object) => targets(value, path, object, "Gateway"),
  parentRef: (value, path, object) => target(value, path, object, "Gateway"),
  backendRefs: (value, path, object) => targets(value, path, object, "Service"),
  backendRef: (value, path, object) => target(value, path, object, "Service"),
  certificateRefs: (value, path, object) => targets(value, path, object, "Secret"),
  caCertificateRefs: (value, path, object) => targets(value, path, object, "ConfigMap"),
  gatewayClassName: (value, path) =>
    typeof value === "string"
      ? [{ is: "object", path, text: value, type: types.GatewayClass, namespace: "", name: value }]
      : [],
  principals: (value, path) => texts(value, path).flatMap(([text, at]) => account(text, at)),
};

function hostOf(value: unknown, path: FieldPath): readonly Named[] {
  const { host, subset } = fields(value);
  if (typeof host !== "string") return [];
  const said = typeof subset === "string" && subset !== "" ? { path: [...path, "subset"], name: subset } : undefined;
  return [{ is: "host", path: [...path, "host"], text: host, ...(said ? { subset: said } : {}) }];
}

function host(value: unknown, path: FieldPath): readonly Named[] {
  return typeof value === "string" && !value.includes("*") ? [{ is: "host", path, text: value }] : [];
}

function hosts(value: unknown, path: FieldPath): readonly Named[] {
  return texts(value, path).flatMap(([text, at]) => host(text, at));
}

/** `bookinfo-gateway`, `default/bookinfo-gateway`; `mesh` is no object. */
function gateway(text: string, path: FieldPath, object: Resource): readonly Named[] {
  if (text === "mesh" || text === "") return [];
  const [first = "", second] = text.split("/");
  const at = second === undefined ? { namespace: object.namespace, name: first } : { namespace: first, name: second };
  return [{ is: "object", path, text, type: types.Gateway, ...at }];
}

function selector(value: unknown, path: FieldPath, { type, namespace }: Resource): readonly Named[] {
  const said = fields(value);
  const [labels, more] =
    said["matchLabels"] !== undefined
      ? [said["matchLabels"], "matchLabels"]
      : said["labels"] !== undefined && type !== types.Service && type !== types.Gateway
        ? [said["labels"], "labels"]
        : [said, undefined];
  const pairs = Object.entries(fields(labels)).flatMap(([k, v]) => (typeof v === "string" ? [[k, v] as const] : []));
  if (pairs.length === 0) return [];
  const all = Object.fromEntries(pairs);
  // Policies of the root namespace are for workloads of all namespaces; which one is the root is the mesh's to say, and this is its usual name.
  const everywhere = type === types.Gateway || (type !== types.Service && namespace === "istio-system");
  const at = more === undefined ? path : [...path, more];
  return [{ is: "selector", path: at, text: selectorText(all), labels: all, everywhere }];
}

function targets(value: unknown, path: FieldPath, object: Resource, kind: string): readonly Named[] {
  return Array.isArray(value) ? value.flatMap((one, i) => target(one, [...path, i], object, kind)) : [];
}

/** Groups of the kinds that Gateway API names without one. */
const groups: Readonly<Record<string, string>> = { Gateway: "gateway.networking.k8s.io" };

function target(value: unknown, path: FieldPath, object: Resource, usual: string): readonly Named[] {
  const { kind = usual, group, name, namespace } = fields(value);
  if (typeof kind !== "string" || typeof name !== "string") return [];
  const said = typeof group === "string" ? group : (groups[kind] ?? "");
  const type = said === "" || said === "core" ? kind : `${kind}.${said}`;
  const isOfCluster = type === types.GatewayClass;
  const where = typeof namespace === "string" ? namespace : isOfCluster ? "" : object.namespace;
  return [{ is: "object", path: [...path, "name"], text: name, type, namespace: where, name }];
}

function byName(value: unknown, path: FieldPath, type: Type, object: Resource): readonly Named[] {
  const { name, namespace } = fields(value);
  if (typeof name !== "string") return [];
  const where = typeof namespace === "string" && namespace !== "" ? namespace : object.namespace;
  return [{ is: "object", path: [...path, "name"], text: name, type, namespace: where, name }];
}

/** `cluster.local/ns/default/sa/bookinfo-reviews`. */
function account(text: string, path: FieldPath): readonly Named[] {
  const match = /\/?ns\/([^/*]+)\/sa\/([^/*]+)$/.exec(text);
  if (!match) return [];
  const [, namespace = "", name = ""] = match;
  return [{ is: "object", path, text, type: types.ServiceAccount, namespace, name }];
}

function texts(value: unknown, path: FieldPath): readonly (readonly [string, FieldPath])[] {
  return Array.isArray(value)
    ? value.flatMap((v, i) => (typeof v === "string" ? [[v, [...path, i]] as const] : []))
    : [];
}

function fields(value: unknown): Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Fields) : {};
}
