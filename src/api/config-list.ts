import { stringify } from "yaml";
import { kindOf, type Ref, type Resource } from "../model/resource.ts";
import { all, get } from "../model/snapshot.ts";
import { types } from "../model/types.ts";
import { basisOf } from "./basis.ts";
import type { ConfigDetail, ConfigObject, Finding } from "./contract/config.ts";
import { finding, refKey } from "./findings.ts";
import type { MeshState } from "./state.ts";

type Read = Pick<MeshState, "snapshot" | "diagnostics" | "holders">;

/** What runs or changes by itself; it is shown with workloads, not as configuration. */
const notConfiguration: ReadonlySet<string> = new Set([
  types.Pod,
  types.Endpoints,
  types.EndpointSlice,
  types.Node,
  "WasmModule.weft.dev",
]);

/** Every object of the user's configuration, by kind, namespace and name. */
export function configObjects(state: Read): ConfigObject[] {
  const snapshot = state.snapshot();
  const about = findingsByRef(state);
  const holders = state.holders();
  return [...snapshot.objects.keys()]
    .filter((type) => !notConfiguration.has(type))
    .sort()
    .flatMap((type) => all(snapshot, type).map((object) => configObject(object, about, holders)));
}

/** One object with its YAML; undefined where there is none of that name. */
export function configDetail(state: Read, ref: Ref): ConfigDetail | undefined {
  const object = get(state.snapshot(), ref);
  if (object === undefined) return undefined;
  return {
    ...configObject(object, findingsByRef(state), state.holders()),
    yaml: yamlOf(object),
    basis: basisOf(object),
  };
}

function findingsByRef(state: Read): ReadonlyMap<string, readonly Finding[]> {
  const found = new Map<string, Finding[]>();
  const snapshot = state.snapshot();
  for (const diagnostic of state.diagnostics()) {
    if (diagnostic.about === undefined) continue;
    const key = refKey(diagnostic.about);
    const list = found.get(key);
    if (list) list.push(finding(diagnostic, snapshot));
    else found.set(key, [finding(diagnostic, snapshot)]);
  }
  return found;
}

function configObject(
  object: Resource,
  about: ReadonlyMap<string, readonly Finding[]>,
  holders: ReadonlyMap<string, { readonly total: number; readonly acked: number }>,
): ConfigObject {
  const { type, apiVersion, namespace, name, origin } = object;
  const diagnostics = about.get(refKey(object)) ?? [];
  const proxies = holders.get(origin.at) ?? { total: 0, acked: 0 };
  return { type, kind: kindOf(type), apiVersion, namespace, name, at: origin.at, diagnostics, proxies };
}

/** The object's own text where there is one, else YAML as kubectl would print it. The values of a Secret are never shown. */
export function yamlOf(object: Resource): string {
  const written = object.type === types.Secret ? undefined : object.origin.text?.();
  if (written !== undefined) return written;
  const { apiVersion, type, name, namespace, labels, annotations, spec, data } = object;
  const { metadata: _metadata, ...rest } = data ?? {};
  const document = {
    apiVersion,
    kind: kindOf(type),
    metadata: {
      name,
      ...(namespace === "" ? {} : { namespace }),
      ...(Object.keys(labels).length > 0 ? { labels } : {}),
      ...(Object.keys(annotations).length > 0 && type !== types.Secret ? { annotations } : {}),
    },
    ...(type === types.Secret ? hidden(rest) : rest),
    ...(isEmpty(spec) ? {} : { spec }),
  };
  return stringify(document, { version: "1.1", lineWidth: 0, aliasDuplicateObjects: false });
}

function hidden(data: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(data).map(([field, value]) => [
      field,
      typeof value === "object" && value !== null ? maskOf(value) : value,
    ]),
  );
}

function maskOf(values: object): Record<string, string> {
  return Object.fromEntries(Object.keys(values).map((key) => [key, "(hidden)"]));
}

function isEmpty(spec: unknown): boolean {
  return spec === undefined || spec === null || (typeof spec === "object" && Object.keys(spec).length === 0);
}
