import { codes } from "../../model/codes.ts";
import type { Diagnostic } from "../../model/diagnostic.ts";
import { isKnown, isNamespaced, knownGroups, knownTypes } from "../../model/kinds.ts";
import type { FieldPath, Origin } from "../../model/origin.ts";
import { kindOf, type Ref, type Resource, typeOf } from "../../model/resource.ts";
import { closest, editDistance } from "../../std/closest.ts";
import { inQuotes } from "../../std/plain.ts";
import { metadataFaults } from "./metadata.ts";

/** An object that has an identity, or what keeps it from having one. Diagnostics carry no position yet. */
export type Decoded =
  | { readonly resource: Resource; readonly faults: readonly Diagnostic[] }
  | { readonly resource?: undefined; readonly faults: readonly Diagnostic[] };

/** Turns a value read from a text into a Resource; `createdAt` and `generation` are what metadata says, else 0 and 1. Not frozen yet. */
export function decodeObject(value: unknown, origin: Origin): Decoded {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    const what = Array.isArray(value) ? "a list" : `${typeof value === "string" ? "text" : `a ${typeof value}`}`;
    return {
      faults: [
        error(
          codes.notAnObject,
          [],
          `${what} stands where an object should`,
          "write an object with apiVersion, kind, metadata and spec",
        ),
      ],
    };
  }
  const object = value as Readonly<Record<string, unknown>>;
  const missing = identityFaults(object);
  if (missing.length > 0) return { faults: missing };
  const apiVersion = object["apiVersion"] as string;
  const metadata = object["metadata"] as Readonly<Record<string, unknown>>;
  const type = typeOf(apiVersion, object["kind"] as string);
  const ref = { type, namespace: namespaceOf(type, metadata), name: metadata["name"] as string };
  const faults = metadataFaults(ref, metadata);
  return { faults, resource: build(object, apiVersion, ref, metadata, origin) };
}

function build(
  object: Readonly<Record<string, unknown>>,
  apiVersion: string,
  ref: Ref,
  metadata: Readonly<Record<string, unknown>>,
  origin: Origin,
): Resource {
  const { apiVersion: _a, kind: _k, metadata: _m, spec, status, ...rest } = object;
  const created =
    typeof metadata["creationTimestamp"] === "string" ? Date.parse(metadata["creationTimestamp"]) : Number.NaN;
  return {
    ...ref,
    apiVersion,
    labels: strings(metadata["labels"]),
    annotations: strings(metadata["annotations"]),
    createdAt: Number.isNaN(created) ? 0 : created,
    generation: typeof metadata["generation"] === "number" ? metadata["generation"] : 1,
    spec,
    ...(status === undefined || status === null ? {} : { status }),
    ...(Object.keys(rest).length === 0 ? {} : { data: rest }),
    origin,
  };
}

function namespaceOf(type: string, metadata: Readonly<Record<string, unknown>>): string {
  if (!isNamespaced(type)) return "";
  const given = metadata["namespace"];
  return typeof given === "string" && given !== "" ? given : "default";
}

/** Values that are absent (null) or have been refused before count as none. */
function strings(value: unknown): Readonly<Record<string, string>> {
  if (typeof value !== "object" || value === null) return {};
  const entries = Object.entries(value).filter((e): e is [string, string] => typeof e[1] === "string");
  return Object.fromEntries(entries);
}

function identityFaults(object: Readonly<Record<string, unknown>>): Diagnostic[] {
  const { apiVersion, kind, metadata } = object;
  const faults: Diagnostic[] = [];
  if (typeof kind !== "string" || kind === "") {
    faults.push(
      error(
        codes.noIdentity,
        ["kind"],
        kind === undefined ? "no kind" : "kind is not text",
        'write for example "kind: VirtualService"',
      ),
    );
  }
  if (typeof apiVersion !== "string" || apiVersion === "") {
    faults.push(noVersion(apiVersion, kind));
  } else if (typeof kind === "string" && kind !== "") faults.push(...kindFaults(apiVersion, kind));
  if (typeof kind === "string" && typeof apiVersion !== "string" && !knownKind(kind))
    faults.push(unknownKind(kind, ""));
  if (typeof metadata !== "object" || metadata === null || Array.isArray(metadata)) {
    faults.push(
      error(
        codes.noIdentity,
        ["metadata"],
        metadata === undefined ? "no metadata" : "metadata is not a map",
        'write "metadata:" with a name under it',
      ),
    );
    return faults;
  }
  const { name, namespace } = metadata as Readonly<Record<string, unknown>>;
  if (typeof name !== "string" || name === "") {
    const message =
      name === undefined || name === null || name === "" ? "no name" : `name ${JSON.stringify(name)} is not text`;
    faults.push(
      error(
        codes.noIdentity,
        ["metadata", "name"],
        message,
        typeof name === "number" || typeof name === "boolean" ? inQuotes(name) : 'write "name:" under metadata',
      ),
    );
  }
  if (namespace !== undefined && namespace !== null && typeof namespace !== "string") {
    faults.push(
      error(
        codes.noIdentity,
        ["metadata", "namespace"],
        `namespace ${JSON.stringify(namespace)} is not text`,
        inQuotes(namespace),
      ),
    );
  }
  return faults;
}

function noVersion(apiVersion: unknown, kind: unknown): Diagnostic {
  const message = apiVersion === undefined || apiVersion === null ? "no apiVersion" : "apiVersion is not text";
  const type = typeof kind === "string" ? knownKind(kind) : undefined;
  const group = type?.slice(kindOf(type).length + 1);
  return error(
    codes.noIdentity,
    ["apiVersion"],
    message,
    `write for example "apiVersion: ${group ? `${group}/v1` : "v1"}"`,
  );
}

function knownKind(kind: string): string | undefined {
  return knownTypes.find((t) => kindOf(t) === kind);
}

function kindFaults(apiVersion: string, kind: string): Diagnostic[] {
  const parts = apiVersion.split("/");
  const version = parts.at(-1) ?? "";
  const group = parts.length === 2 ? (parts[0] as string) : "";
  if (parts.length > 2 || !/^v[0-9]+((alpha|beta)[0-9]+)?$/.test(version)) {
    return [
      error(
        codes.unknownVersion,
        ["apiVersion"],
        `"${apiVersion}" is not an API version`,
        'write group/version, for example "networking.istio.io/v1"',
      ),
    ];
  }
  const known = isKnown(typeOf(apiVersion, kind), group);
  if (known === true) return [];
  if (known === false) return [unknownKind(kind, group)];
  const meant = closest(
    group,
    knownGroups.filter((g) => g.length > 8),
  );
  if (group.endsWith("istio.io") || (meant !== undefined && knownKind(kind) !== undefined && isSlip(group, meant))) {
    return [
      error(
        codes.unknownKind,
        ["apiVersion"],
        `unknown API group "${group}"`,
        meant ? `did you mean "${meant}"?` : "write one of Istio's groups, for example networking.istio.io",
      ),
    ];
  }
  return [];
}

/** A foreign group that merely resembles one of ours (`networking.gke.io`) is no slip of the hand. */
function isSlip(group: string, meant: string): boolean {
  return editDistance(group, meant) <= 2 && !group.endsWith(".x-k8s.io");
}

function unknownKind(kind: string, group: string): Diagnostic {
  const inGroup = knownTypes.filter((t) => (group === "" ? true : t.slice(kindOf(t).length + 1) === group));
  const elsewhere = knownKind(kind);
  const message = `unknown kind "${kind}"${group === "" ? "" : ` in ${group}`}`;
  if (elsewhere !== undefined) {
    const right = elsewhere.slice(kindOf(elsewhere).length + 1);
    return error(
      codes.unknownKind,
      ["apiVersion"],
      message,
      `${kind} is of ${right === "" ? '"apiVersion: v1"' : right}`,
    );
  }
  const meant = closest(kind, inGroup.map(kindOf)) ?? closest(kind, knownTypes.map(kindOf));
  return error(codes.unknownKind, ["kind"], message, meant ? `did you mean ${meant}?` : "check kind and apiVersion");
}

function error(code: string, path: FieldPath, message: string, fix: string): Diagnostic {
  return { code, level: "Error", path, message, fix };
}
