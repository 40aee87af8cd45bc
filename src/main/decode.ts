import { fromBinary, type JsonValue, toJson } from "@bufbuild/protobuf";
import { envoyTypes } from "../gen/envoy-types.ts";

/** A resource in protobuf's JSON form with Envoy's own field names, keys and passwords taken out. */
export function decodeResource(typeUrl: string, body: Uint8Array): JsonValue {
  const all = envoyTypes();
  const desc = all.getMessage(typeUrl.slice(typeUrl.lastIndexOf("/") + 1));
  if (desc === undefined) return { "@type": typeUrl };
  return redacted(toJson(desc, fromBinary(desc, body), { registry: all, useProtoFieldName: true }));
}

const secretFields: ReadonlySet<string> = new Set([
  "private_key",
  "password",
  "session_ticket_keys",
  "generic_secret",
  "inline_key",
]);

function redacted(value: JsonValue): JsonValue {
  if (Array.isArray(value)) return value.map(redacted);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [key, secretFields.has(key) ? "[redacted]" : redacted(inner)]),
  );
}
