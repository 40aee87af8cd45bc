import type { Schema } from "../../../gen/crds.ts";
import { codes } from "../../../model/codes.ts";
import { type FieldPath, formatPath } from "../../../model/origin.ts";
import { closest } from "../../../std/closest.ts";
import { inQuotes } from "../../../std/plain.ts";
import type { Findings } from "../finding.ts";
import { celValue, holds } from "./cel.ts";
import { boundFault, formatFault, isOfType, junctionFault, shown, typeName } from "./value.ts";

/**
 * Checks a value against a structural schema as an API server does: types, unknown fields (strict), required, enums, bounds, formats, list keys, CEL rules.
 * Messages carry the API server's own words. `owner` names the object in messages: `VirtualService`.
 */
export function checkStructure(value: unknown, schema: Schema, owner: string, found: Findings): void {
  if (value === null && schema.nullable) return;
  if (isLongText(value, schema)) {
    found.warn(
      `${JSON.stringify(value)} is a text where a number should stand; an API server would refuse it`,
      `write it without quotes: ${value}`,
    );
    return;
  }
  if (!isOfType(value, schema)) {
    const type = schema["x-kubernetes-int-or-string"] ? "integer,string" : schema.type;
    found.error(
      `Invalid value: ${shown(value)}: ${formatPath(found.path)} in body must be of type ${type}: "${typeName(value)}"`,
      fixOfType(value, schema),
      codes.wrongType,
    );
    return;
  }
  const before = found.diagnostics.length;
  checkValue(value, schema, found);
  if (Array.isArray(value)) checkItems(value, schema, owner, found);
  else if (typeof value === "object" && value !== null) checkFields(value as Fields, schema, owner, found);
  // A rule may assume what the schema demands: of a value that breaks that it would only say nonsense.
  if (found.diagnostics.length === before) checkRules(value, schema, found);
}

/** Lists whose bounds Istio's own validation takes for a warning: `servers[].tls.tlsCertificates` beyond the second. */
const leftToIstio = new Set(["tlsCertificates"]);

/** A 64-bit integer as protobuf's JSON has it: digits in quotes, which istioctl takes. Such fields have neither a format nor a maximum. */
function isLongText(value: unknown, schema: Schema): boolean {
  const isLong =
    schema.type === "integer" && schema.format === undefined && schema.maximum === undefined && schema.minimum === 0;
  return isLong && typeof value === "string" && /^[0-9]{1,15}$/.test(value);
}

type Fields = Readonly<Record<string, unknown>>;

function checkValue(value: unknown, schema: Schema, found: Findings): void {
  if (schema.enum && !schema.enum.includes(value)) {
    const choices = schema.enum.map((v) => JSON.stringify(v)).join(", ");
    const meant =
      typeof value === "string"
        ? closest(
            value,
            schema.enum.filter((v) => typeof v === "string"),
          )
        : undefined;
    const fix = meant === undefined ? `write one of ${choices}` : `did you mean "${meant}"?`;
    found.error(`Unsupported value: ${shown(value)}: supported values: ${choices}`, fix, codes.notAllowed);
  }
  const place = formatPath(found.path);
  if (leftToIstio.has(String(found.path.at(-1)))) return;
  const fault = boundFault(value, schema) ?? formatFault(value, schema) ?? junctionFault(value, schema);
  if (fault)
    found.error(`Invalid value: ${shown(value)}: ${place} in body ${fault.message}`, fault.fix, codes.notAllowed);
}

function checkItems(value: readonly unknown[], schema: Schema, owner: string, found: Findings): void {
  const items = schema.items;
  if (items !== undefined) value.forEach((item, i) => void checkStructure(item, items, owner, found.at(i)));
  const keys = schema["x-kubernetes-list-map-keys"];
  const kind = schema["x-kubernetes-list-type"];
  if (kind !== "set" && kind !== "map") return;
  const seen = new Set<string>();
  value.forEach((item, i) => {
    const id = JSON.stringify(
      kind === "map" ? keys?.map((k) => (item as Fields | null)?.[k] ?? items?.properties?.[k]?.default) : item,
    );
    if (seen.has(id)) found.at(i).error(`Duplicate value: ${shown(item)}`, "remove one of the two", codes.notAllowed);
    seen.add(id);
  });
}

function checkFields(value: Fields, schema: Schema, owner: string, found: Findings): void {
  for (const name of schema.required ?? []) {
    if (!Object.hasOwn(value, name)) found.at(name).error("Required value", `write "${name}:"`, codes.missingField);
  }
  for (const [name, child] of Object.entries(value)) {
    const property = schema.properties && Object.hasOwn(schema.properties, name) ? schema.properties[name] : undefined;
    const extra = schema.additionalProperties;
    if (property !== undefined) checkStructure(child, property, owner, found.at(name));
    else if (typeof extra === "object") checkStructure(child, extra, owner, found.at(name));
    else if (extra !== true && !schema["x-kubernetes-preserve-unknown-fields"] && schema.properties !== undefined) {
      unknownField(name, Object.keys(schema.properties), owner, found);
    }
  }
}

function unknownField(name: string, known: readonly string[], owner: string, found: Findings): void {
  const parent = formatPath([owner, ...found.path] as FieldPath);
  const meant = closest(name, known);
  const fix = meant === undefined ? `remove it, or write one of ${known.join(", ")}` : `did you mean "${meant}"?`;
  found.at(name).error(`unknown field "${name}" in ${parent}`, fix, codes.unknownField);
}

function checkRules(value: unknown, schema: Schema, found: Findings): void {
  const all = schema["x-kubernetes-validations"];
  if (all === undefined || value === null) return;
  const self = celValue(value, schema);
  for (const { rule, message } of all) {
    // A rule about the change from an older object says nothing of this one.
    if (rule.includes("oldSelf") || holds(rule, self)) continue;
    const isDuration = rule.startsWith("duration(self)");
    const fix = isDuration ? 'write for example "5s" or "250ms"' : undefined;
    found.error(`Invalid value: ${shown(value)}: ${message}`, fix, isDuration ? codes.badDuration : codes.rule);
  }
}

function fixOfType(value: unknown, schema: Schema): string {
  if (value === null) return "write a value, or remove the field";
  if (schema.type === "string") return typeof value === "object" ? "write a text" : inQuotes(value);
  if (schema.type === "boolean") return "write true or false";
  if (schema.type === "array") return 'write a list: lines that begin with "- "';
  if (schema.type === "object") return 'write a map: lines of "key: value"';
  return typeof value === "string" && Number.isFinite(Number(value)) && value !== ""
    ? `write it without quotes: ${value}`
    : "write a number";
}
