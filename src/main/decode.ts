import { readFileSync } from "node:fs";
import { createFileRegistry, type FileRegistry, fromBinary, type JsonValue, toJson } from "@bufbuild/protobuf";
import { FileDescriptorSetSchema } from "@bufbuild/protobuf/wkt";
import { dataFile } from "./data.ts";

let known: FileRegistry | undefined;

/** All of Envoy's messages. Read at the first call only: most control planes are never asked. */
function registry(): FileRegistry {
  known ??= createFileRegistry(
    fromBinary(FileDescriptorSetSchema, readFileSync(dataFile("protos/envoy-1.40.0.binpb"))),
  );
  return known;
}

/** A resource in protobuf's JSON form with Envoy's own field names, keys and passwords taken out. */
export function decodeResource(typeUrl: string, body: Uint8Array): JsonValue {
  const all = registry();
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
