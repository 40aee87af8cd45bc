import { clone, type DescField, type DescMessage, fromBinary, type Message, toBinary } from "@bufbuild/protobuf";
import { type ReflectList, type ReflectMap, type ReflectMessage, reflect } from "@bufbuild/protobuf/reflect";
import { type Any, AnySchema } from "@bufbuild/protobuf/wkt";
import { envoyTypes } from "../../gen/envoy-types.ts";

/** What becomes of a list that both messages have: it gets longer, or is replaced. */
export type Lists = "append" | "replace";

/**
 * Merges `source` into `target`, as protobuf does: what is set there replaces, messages are merged, entries of maps are replaced. Durations and
 * wrapped values are replaced as a whole, and the settings of an extension are merged where both are of one type.
 */
export function merge<Desc extends DescMessage>(desc: Desc, target: Message, source: Message, lists: Lists): void {
  mergeReflected(reflect(desc, target as never), reflect(desc, clone(desc, source as never)), lists);
}

function mergeReflected(target: ReflectMessage, source: ReflectMessage, lists: Lists): void {
  const other = isExtension(target) && namesAnother(target, source);
  for (const field of source.fields) {
    if (!source.isSet(field)) continue;
    if (field.fieldKind === "message") mergeField(target, source, field, lists, other);
    else if (field.fieldKind === "list") {
      if (lists === "replace") target.clear(field);
      const list = target.get(field) as ReflectList;
      for (const item of source.get(field) as ReflectList) list.add(item);
    } else if (field.fieldKind === "map") {
      const map = target.get(field) as ReflectMap;
      for (const [key, value] of source.get(field) as ReflectMap) map.set(key, value);
    } else target.set(field, source.get(field));
  }
}

function mergeField(
  target: ReflectMessage,
  source: ReflectMessage,
  field: DescField & { fieldKind: "message" },
  lists: Lists,
  other: boolean,
): void {
  const given = source.get(field) as ReflectMessage;
  if (!target.isSet(field) || isValue(field.message.typeName)) target.set(field, given);
  else if (field.message.typeName === AnySchema.typeName) {
    const before = target.get(field) as ReflectMessage;
    const both =
      isExtension(target) && !other ? mergedAny(before.message as Any, given.message as Any, lists) : undefined;
    target.set(field, both === undefined ? given : reflect(AnySchema, both));
  } else mergeReflected(target.get(field) as ReflectMessage, given, lists);
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
function mergedAny(target: Any, source: Any, lists: Lists): Any | undefined {
  if (target.typeUrl !== source.typeUrl) return undefined;
  const desc = envoyTypes().getMessage(target.typeUrl.slice(target.typeUrl.lastIndexOf("/") + 1));
  if (desc === undefined) return undefined;
  const message = fromBinary(desc, target.value);
  merge(desc, message, fromBinary(desc, source.value), lists);
  return { ...target, value: toBinary(desc, message) };
}
