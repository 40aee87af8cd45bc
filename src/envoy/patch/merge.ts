import { clone, type DescField, type DescMessage, fromBinary, type Message, toBinary } from "@bufbuild/protobuf";
import { type ReflectList, type ReflectMap, type ReflectMessage, reflect } from "@bufbuild/protobuf/reflect";
import { type Any, AnySchema } from "@bufbuild/protobuf/wkt";
import { envoyTypes } from "../../gen/envoy-types.ts";

/** How messages are merged. */
export interface Merging {
  /** What becomes of a list that both have: it gets longer, or is replaced. */
  readonly lists: "append" | "replace";
  /** The source as it was written, in protobuf's JSON form: only there a number that is 0 differs from none. */
  readonly said: unknown;
}

/**
 * Merges `source` into `target`, as protobuf does: what is set there replaces, messages are merged, entries of maps are replaced. Durations and
 * wrapped values are replaced as a whole, the settings of an extension are merged where both are of one type, and a 0 that was written is set.
 */
export function merge<Desc extends DescMessage>(desc: Desc, target: Message, source: Message, how: Merging): void {
  mergeReflected(reflect(desc, target as never), reflect(desc, clone(desc, source as never)), how);
}

function mergeReflected(target: ReflectMessage, source: ReflectMessage, how: Merging): void {
  const other = isExtension(target) && namesAnother(target, source);
  for (const field of source.fields) {
    if (!source.isSet(field)) {
      const isZero = (field.fieldKind === "scalar" || field.fieldKind === "enum") && saidOf(how, field) !== undefined;
      if (isZero) target.clear(field);
    } else if (field.fieldKind === "message") mergeField(target, source, field, how, other);
    else if (field.fieldKind === "list") {
      if (how.lists === "replace") target.clear(field);
      const list = target.get(field) as ReflectList;
      for (const item of source.get(field) as ReflectList) list.add(item);
    } else if (field.fieldKind === "map") {
      const map = target.get(field) as ReflectMap;
      for (const [key, value] of source.get(field) as ReflectMap) map.set(key, value);
    } else target.set(field, source.get(field));
  }
}

/** What was written for a field; undefined where nothing was. */
function saidOf({ said }: Merging, { name, jsonName }: DescField): unknown {
  if (typeof said !== "object" || said === null) return undefined;
  const key = [name, jsonName].find((k) => Object.hasOwn(said, k));
  return key === undefined ? undefined : ((said as Readonly<Record<string, unknown>>)[key] ?? undefined);
}

function mergeField(
  target: ReflectMessage,
  source: ReflectMessage,
  field: DescField & { fieldKind: "message" },
  how: Merging,
  other: boolean,
): void {
  const inner = { ...how, said: saidOf(how, field) };
  const given = source.get(field) as ReflectMessage;
  if (!target.isSet(field) || isValue(field.message.typeName)) target.set(field, given);
  else if (field.message.typeName === AnySchema.typeName) {
    const before = target.get(field) as ReflectMessage;
    const both =
      isExtension(target) && !other ? mergedAny(before.message as Any, given.message as Any, inner) : undefined;
    target.set(field, both === undefined ? given : reflect(AnySchema, both));
  } else mergeReflected(target.get(field) as ReflectMessage, given, inner);
}

/** A filter, transport socket or the like: a name, and settings of whatever type. */
function isExtension({ desc }: ReflectMessage): boolean {
  return desc.fields.some((f) => f.name === "name") && desc.fields.some((f) => f.name === "typed_config");
}

/** A transport socket of another name is another one. A filter's name is but a name. */
function namesAnother(target: ReflectMessage, source: ReflectMessage): boolean {
  if (target.desc.typeName !== "envoy.config.core.v3.TransportSocket") return false;
  const name = target.fields.find((f) => f.name === "name");
  return name !== undefined && source.isSet(name) && source.get(name) !== target.get(name);
}

function isValue(typeName: string): boolean {
  return /^google\.protobuf\.(Duration|Timestamp|\w+Value)$/.test(typeName);
}

/** Undefined where they are of two types, or of one that is not known. */
function mergedAny(target: Any, source: Any, how: Merging): Any | undefined {
  if (target.typeUrl !== source.typeUrl) return undefined;
  const desc = envoyTypes().getMessage(target.typeUrl.slice(target.typeUrl.lastIndexOf("/") + 1));
  if (desc === undefined) return undefined;
  const message = fromBinary(desc, target.value);
  merge(desc, message, fromBinary(desc, source.value), how);
  return { ...target, value: toBinary(desc, message) };
}
