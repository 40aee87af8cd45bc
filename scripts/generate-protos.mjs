// Makes src/gen/{envoy,xds,udpa,...} from data/protos/*.binpb: `node scripts/generate-protos.mjs`. No buf and no protoc: the
// descriptor sets go to protoc-gen-es as the CodeGeneratorRequest that protoc would send.
//
// Output is JavaScript with declarations, not TypeScript: generated TypeScript holds enums, which Node's type stripping
// refuses, and JavaScript starts faster.
import { spawnSync } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import {
  CodeGeneratorRequestSchema,
  CodeGeneratorResponseSchema,
  FileDescriptorSetSchema,
} from "@bufbuild/protobuf/wkt";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const source = join(root, "data/protos");
const target = join(root, "src/gen");

const set = { file: [] };
const seen = new Set();
for (const name of readdirSync(source).filter((name) => name.endsWith(".binpb"))) {
  for (const file of fromBinary(FileDescriptorSetSchema, readFileSync(join(source, name))).file) {
    if (seen.has(file.name)) continue;
    seen.add(file.name);
    set.file.push(file);
  }
}

// The well-known types come from @bufbuild/protobuf/wkt, so that its durations, Any and Struct are the same types as ours.
const request = create(CodeGeneratorRequestSchema, {
  parameter: "target=js+dts,import_extension=js",
  protoFile: set.file,
  fileToGenerate: set.file.map((file) => file.name).filter((name) => !name.startsWith("google/protobuf/")),
});
const plugin = spawnSync(process.execPath, [join(root, "node_modules/@bufbuild/protoc-gen-es/bin/protoc-gen-es")], {
  input: toBinary(CodeGeneratorRequestSchema, request),
  maxBuffer: 1 << 28,
});
if (plugin.status !== 0) throw new Error(`protoc-gen-es: ${plugin.stderr}`);
const response = fromBinary(CodeGeneratorResponseSchema, plugin.stdout);
if (response.error) throw new Error(`protoc-gen-es: ${response.error}`);

for (const top of new Set(response.file.map((file) => file.name.split("/")[0]))) {
  rmSync(join(target, top), { recursive: true, force: true });
}
for (const file of response.file) {
  const path = join(target, file.name);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, file.content);
}
console.log(`${response.file.length} files in src/gen`);
