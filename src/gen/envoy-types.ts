import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { createFileRegistry, type FileRegistry, fromBinary } from "@bufbuild/protobuf";
import { FileDescriptorSetSchema } from "@bufbuild/protobuf/wkt";

let known: FileRegistry | undefined;

/** All of Envoy's messages, by name. Read at the first call: most control planes never ask. */
export function envoyTypes(): FileRegistry {
  known ??= createFileRegistry(fromBinary(FileDescriptorSetSchema, read("data/protos/envoy-1.40.0.binpb")));
  return known;
}

/** A file of the package, above this one wherever a bundler put it. */
function read(name: string): Uint8Array {
  for (let above = import.meta.dirname; above !== dirname(above); above = dirname(above)) {
    try {
      return readFileSync(join(above, name));
    } catch {
      // Not here; look one folder up.
    }
  }
  throw new Error(`${name} is missing from the package; install it again`);
}
