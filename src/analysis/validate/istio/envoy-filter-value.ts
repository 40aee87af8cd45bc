import { type DescField, type DescMessage, fromJson, type JsonValue } from "@bufbuild/protobuf";
import { envoyTypes } from "../../../gen/envoy-types.ts";
import type { EnvoyConfigObjectPatch, EnvoyFilterSpec } from "../../../gen/istio/envoy-filter.ts";
import type { Resource } from "../../../model/resource.ts";
import { patchedType } from "../envoy/patch.ts";
import { Findings } from "../finding.ts";
import { checkPatch } from "./envoy-filter.ts";

/**
 * What Istio says of the values of patches, which it reads twice: what it cannot read is an error, what only a strict reader refuses (a field that
 * the message has not) a warning. The mesh itself is stricter, and says more: `checkPatches`. Source: istio pkg/config/validation/envoyfilter.
 */
export function checkPatchValues(resource: Resource, root: Findings): void {
  const { configPatches = [] } = resource.spec as EnvoyFilterSpec;
  for (const [i, patch] of configPatches.entries())
    if (checkPatch(patch, new Findings())) checkValue(patch, root.at("spec", "configPatches", i, "patch", "value"));
}

function checkValue({ applyTo = "INVALID", patch }: EnvoyConfigObjectPatch, found: Findings): void {
  const typeName = patchedType(applyTo);
  const desc = typeName === undefined ? undefined : envoyTypes().getMessage(typeName);
  if (desc === undefined || patch?.value === undefined) return;
  const value = patch.value as JsonValue;
  const stranger = firstUnknown(desc, value);
  if (stranger !== undefined && "type" in stranger) {
    const hint = stranger.type.includes(".v2.") ? " (hint: try using the v3 XDS API)" : "";
    found.error(
      `referenced type unknown${hint}: Envoy filter: could not resolve Any message type: ${stranger.type}`,
      "write a type of Envoy 1.40",
    );
    return;
  }
  const fault = faultOf(desc, value);
  const bare = withoutConfig(desc, value);
  if (fault !== undefined) found.error(`Envoy filter: ${fault}`, `write a ${typeName}`);
  else if (stranger !== undefined)
    found.warn(`Envoy filter: unknown field ${JSON.stringify(stranger.field)} in ${stranger.of}`, "remove it");
  else if (bare.length > 0)
    found.warn(`using deprecated types by name without typed_config; ${bare.join(", ")}`, "write typed_config");
}

/** A type that nobody knows, or a field that a message has not. */
type Stranger = { readonly type: string } | { readonly field: string; readonly of: string };

/** The first that a reader meets: it goes down by the message's own order, and looks at what is left over last. */
function firstUnknown(desc: DescMessage, value: JsonValue): Stranger | undefined {
  if (!isObject(value)) return undefined;
  if (desc.typeName === "google.protobuf.Any") return ofAny(value);
  if (desc.typeName.startsWith("google.protobuf.")) return undefined;
  const left = new Set(Object.keys(value));
  for (const field of desc.fields) {
    const key = [field.name, field.jsonName].find((name) => left.delete(name));
    const inner = field.message;
    if (key === undefined || inner === undefined) continue;
    for (const item of items(field.fieldKind, value[key] ?? null)) {
      const found = firstUnknown(inner, item);
      if (found !== undefined) return found;
    }
  }
  // Istio takes any of those that are left over.
  const [field] = [...left].sort();
  return field === undefined ? undefined : { field, of: desc.typeName };
}

function items(kind: DescField["fieldKind"], held: JsonValue): readonly JsonValue[] {
  if (kind === "list") return Array.isArray(held) ? held : [];
  if (kind === "map") return isObject(held) ? Object.values(held) : [];
  return [held];
}

function ofAny({ "@type": url, ...rest }: { readonly [key: string]: JsonValue }): Stranger | undefined {
  if (typeof url !== "string") return undefined;
  const desc = envoyTypes().getMessage(url.slice(url.lastIndexOf("/") + 1));
  return desc === undefined ? { type: url } : firstUnknown(desc, rest);
}

/** Names of extensions whose settings' type is left to be guessed by their name. */
function withoutConfig(desc: DescMessage, value: JsonValue): string[] {
  if (!isObject(value) || desc.typeName.startsWith("google.protobuf.")) return [];
  const of = (name: string) => desc.fields.find((f) => f.jsonName === name);
  const isSet = (name: string) => {
    const field = of(name);
    return field !== undefined && (value[field.name] ?? value[field.jsonName]) !== undefined;
  };
  const inner = desc.fields.flatMap((field) => {
    const held = value[field.name] ?? value[field.jsonName];
    return field.fieldKind === "message" && held !== undefined ? withoutConfig(field.message, held) : [];
  });
  if (of("typedConfig") === undefined || isSet("typedConfig") || isSet("configDiscovery")) return inner;
  return [...inner, String(value["name"] ?? "")];
}

function faultOf(desc: DescMessage, value: JsonValue): string | undefined {
  try {
    fromJson(desc, value, { registry: envoyTypes(), ignoreUnknownFields: true });
    return undefined;
  } catch (error) {
    return (error as Error).message.replace(/^cannot decode /, "cannot read ");
  }
}

function isObject(value: unknown): value is { [key: string]: JsonValue } {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
