/** Reading protobuf's JSON form, which is plain data of unknown shape. A field that is not there, or is another thing, is empty. */
export type Json = Readonly<Record<string, unknown>>;

/** Envoy writes its dump with names like `route_config`; what was sent is written with `routeConfig`. Both are read as the second. */
export function camelCase(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(camelCase);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, child]) => [
      /^[a-z0-9]+(_[a-z0-9]+)+$/.test(key) ? key.replace(/_([a-z0-9])/g, (_, c: string) => c.toUpperCase()) : key,
      camelCase(child),
    ]),
  );
}

/** A message below, by a path of field names. */
export function object(value: unknown, ...path: readonly string[]): Json {
  let at = value;
  for (const step of path) at = isObject(at) ? at[step] : undefined;
  return isObject(at) ? at : {};
}

/** A repeated field of messages. */
export function objects(value: unknown, ...path: readonly string[]): readonly Json[] {
  const found = path.length === 0 ? value : object(value, ...path.slice(0, -1))[path.at(-1) as string];
  return Array.isArray(found) ? found.filter(isObject) : [];
}

/** A text or a number as text; empty where there is none. */
export function text(value: unknown, ...path: readonly string[]): string {
  const found = path.length === 0 ? value : object(value, ...path.slice(0, -1))[path.at(-1) as string];
  return typeof found === "string" || typeof found === "number" || typeof found === "boolean" ? String(found) : "";
}

/** A repeated field of texts. */
export function texts(value: unknown, ...path: readonly string[]): readonly string[] {
  const found = path.length === 0 ? value : object(value, ...path.slice(0, -1))[path.at(-1) as string];
  return Array.isArray(found) ? found.filter((v) => typeof v === "string") : [];
}

function isObject(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** `10.0.0.7:8080`, or a pipe's path. */
export function socket(address: Json): string {
  const at = object(address, "socketAddress");
  const host = text(at, "address");
  if (host === "") return text(address, "pipe", "path");
  return `${host.includes(":") ? `[${host}]` : host}:${text(at, "portValue") || "0"}`;
}

/** Parts of Istio's cluster names: `outbound|9080|v1|reviews.default.svc.cluster.local`. */
export function clusterParts(name: string): { fqdn: string; port: string; subset: string; direction: string } {
  const [direction = "", port = "", subset = "", fqdn = ""] = name.split("|");
  if (name.split("|").length !== 4) return { fqdn: name, port: "", subset: "", direction: "" };
  return { fqdn, port, subset, direction };
}
