import { type DescField, type DescMessage, fromJson, type JsonValue } from "@bufbuild/protobuf";
import { envoyTypes } from "../../../gen/envoy-types.ts";
import { closest } from "../../../std/closest.ts";
import type { Findings } from "../finding.ts";

/** Extensions whose settings stand inside as a Struct, with the name of their own type beside them. */
const wrappers: ReadonlySet<string> = new Set(["udpa.type.v1.TypedStruct", "xds.type.v3.TypedStruct"]);

/** Checks that a value is a message in protobuf's JSON form; says of each place that is none what is wrong with it. */
export function checkMessage(typeName: string, value: unknown, found: Findings): void {
  const desc = envoyTypes().getMessage(typeName);
  if (desc === undefined) unknownType(typeName, found);
  else checkDesc(desc, value as JsonValue, found);
}

function checkDesc(desc: DescMessage, value: JsonValue, found: Findings): void {
  if (desc.typeName === "google.protobuf.Any") {
    checkAny(value, found);
    return;
  }
  const fault = faultOf(desc, value);
  // What an Any holds may be wrong inside, in ways that its own reader does not see.
  if (fault === undefined && !holdsWrapper(value)) return;
  if (!isObject(value) || desc.typeName.startsWith("google.protobuf.")) {
    if (fault !== undefined) found.error(fault, `write a ${desc.typeName}`);
    return;
  }
  for (const [key, inner] of Object.entries(value)) {
    const field = desc.fields.find((f) => f.name === key || f.jsonName === key);
    if (field === undefined) unknownField(desc, key, found);
    else checkField(desc, field, key, inner, found.at(key));
  }
  if (fault !== undefined && !found.diagnostics.some((d) => d.level === "Error")) found.error(fault);
}

function checkField(desc: DescMessage, field: DescField, key: string, value: JsonValue, found: Findings): void {
  const alone = faultOf(desc, { [key]: value });
  if (alone === undefined && !holdsWrapper(value)) return;
  const inner = field.message;
  if (field.fieldKind === "list" && Array.isArray(value) && inner)
    value.forEach((item, i) => void checkDesc(inner, item, found.at(i)));
  else if (field.fieldKind === "map" && isObject(value) && inner)
    for (const [name, item] of Object.entries(value)) checkDesc(inner, item, found.at(name));
  else if (field.fieldKind === "message" && inner) checkDesc(inner, value, found);
  else if (alone !== undefined) found.error(alone);
}

function checkAny(value: JsonValue, found: Findings): void {
  const url = isObject(value) ? value["@type"] : undefined;
  if (!isObject(value) || typeof url !== "string") {
    found.error("an extension's settings need their type", 'write "@type": type.googleapis.com/...');
    return;
  }
  const { "@type": _, ...rest } = value;
  const typeName = url.slice(url.lastIndexOf("/") + 1);
  const desc = envoyTypes().getMessage(typeName);
  if (desc === undefined) unknownType(typeName, found.at("@type"));
  else if (desc.typeName.startsWith("google.protobuf.")) {
    const fault = faultOf(desc, rest["value"] ?? null);
    if (fault !== undefined) found.at("value").error(fault);
  } else checkDesc(desc, rest, found);
  if (wrappers.has(typeName)) checkWrapped(rest, found);
}

function checkWrapped(value: { readonly [key: string]: JsonValue }, found: Findings): void {
  const key = "type_url" in value ? "type_url" : "typeUrl";
  const url = value[key];
  if (typeof url !== "string") {
    found.error("the settings inside need their type", "write type_url");
    return;
  }
  const typeName = url.slice(url.lastIndexOf("/") + 1);
  const desc = envoyTypes().getMessage(typeName);
  if (desc === undefined) unknownType(typeName, found.at(key));
  else checkDesc(desc, value["value"] ?? {}, found.at("value"));
}

function unknownType(typeName: string, found: Findings): void {
  const near = closest(typeName, [...messageNames()]);
  const known = "Envoy as it is published has no type";
  found.error(
    `${known} ${typeName}`,
    near === undefined ? "remove it, or write a type of Envoy 1.40" : `write ${near}`,
  );
}

function* messageNames(): Generator<string> {
  for (const type of envoyTypes()) if (type.kind === "message") yield type.typeName;
}

function unknownField({ typeName, fields }: DescMessage, key: string, found: Findings): void {
  const names = fields.map((f) => f.name);
  const near = closest(key, names);
  found
    .at(key)
    .error(
      `there is no field ${key} in ${typeName}`,
      near === undefined ? `it has ${names.slice(0, 12).join(", ")}` : `write ${near}`,
    );
}

/** Why a value is no such message, in the reader's own words; undefined where it is. */
function faultOf(desc: DescMessage, value: JsonValue): string | undefined {
  try {
    fromJson(desc, value, { registry: envoyTypes() });
    return undefined;
  } catch (error) {
    return (error as Error).message.replace(/^cannot decode /, "cannot read ");
  }
}

function holdsWrapper(value: JsonValue): boolean {
  if (Array.isArray(value)) return value.some(holdsWrapper);
  if (!isObject(value)) return false;
  const url = value["@type"];
  if (typeof url === "string" && wrappers.has(url.slice(url.lastIndexOf("/") + 1))) return true;
  return Object.values(value).some(holdsWrapper);
}

function isObject(value: unknown): value is { [key: string]: JsonValue } {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
