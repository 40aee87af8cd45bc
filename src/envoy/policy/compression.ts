import type { Any } from "@bufbuild/protobuf/wkt";
import { BrotliSchema } from "../../gen/envoy/extensions/compression/brotli/compressor/v3/brotli_pb.js";
import { BrotliSchema as UnbrotliSchema } from "../../gen/envoy/extensions/compression/brotli/decompressor/v3/brotli_pb.js";
import {
  Gzip_CompressionLevel as GzipLevel,
  GzipSchema,
} from "../../gen/envoy/extensions/compression/gzip/compressor/v3/gzip_pb.js";
import { GzipSchema as GunzipSchema } from "../../gen/envoy/extensions/compression/gzip/decompressor/v3/gzip_pb.js";
import { ZstdSchema } from "../../gen/envoy/extensions/compression/zstd/compressor/v3/zstd_pb.js";
import { ZstdSchema as UnzstdSchema } from "../../gen/envoy/extensions/compression/zstd/decompressor/v3/zstd_pb.js";
import { CompressorSchema } from "../../gen/envoy/extensions/filters/http/compressor/v3/compressor_pb.js";
import { DecompressorSchema } from "../../gen/envoy/extensions/filters/http/decompressor/v3/decompressor_pb.js";
import type { CompressionPlan } from "../../plan/policy/compression.ts";
import { packed } from "../any.ts";
import type { NamedFilter } from "../filter-chain.ts";
import { hostPattern, matching, pathPattern, textPattern, unlessRequest } from "./request-match.ts";

type Algorithm = CompressionPlan["algorithms"][number];
type Level = CompressionPlan["level"];

/** A compressor for each algorithm. Envoy adds `Vary: Accept-Encoding`, and compresses nothing that is so already. */
export function compressionFilters(plan: CompressionPlan): readonly NamedFilter[] {
  const excepted = plan.except.map(({ hosts, paths }) => ({
    ...(hosts.length === 0 ? {} : { ":authority": hostPattern(hosts) }),
    ...(paths.length === 0 ? {} : { ":path": pathPattern(paths) }),
  }));
  const compressors = plan.algorithms.map((algorithm, index) => ({
    name: `compress-${algorithm.toLowerCase()}`,
    config: unlessRequest(excepted, `compress-${algorithm.toLowerCase()}`, compressor(plan, algorithm, index === 0)),
  }));
  return plan.decompressRequests ? [...decompressors, ...compressors] : compressors;
}

function compressor(plan: CompressionPlan, algorithm: Algorithm, preferred: boolean): Any {
  return packed(CompressorSchema, {
    compressorLibrary: { name: algorithm.toLowerCase(), typedConfig: library(algorithm, plan.level) },
    chooseFirst: preferred,
    responseDirectionConfig: {
      commonConfig: { minContentLength: plan.minBytes, contentTypeMatcher: mediaTypes(plan.contentTypes) },
      ...(plan.etags === "Weaken" ? { weakenEtagOnCompress: true } : { disableOnEtagHeader: true }),
    },
  });
}

/** Whatever parameters come after the type. */
function mediaTypes(types: readonly string[]) {
  return types.length === 0 ? [] : [matching(`(?i:${textPattern(types)})(?:\\s*;.*)?`)];
}

const levels: Readonly<Record<Level, { brotli: number; zstd: number; gzip: GzipLevel }>> = {
  Fastest: { brotli: 1, zstd: 1, gzip: GzipLevel.BEST_SPEED },
  Balanced: { brotli: 4, zstd: 3, gzip: GzipLevel.DEFAULT_COMPRESSION },
  Smallest: { brotli: 9, zstd: 12, gzip: GzipLevel.BEST_COMPRESSION },
};

function library(algorithm: Algorithm, level: Level): Any {
  const { brotli, zstd, gzip } = levels[level];
  if (algorithm === "Brotli") return packed(BrotliSchema, { quality: brotli });
  if (algorithm === "Zstd") return packed(ZstdSchema, { compressionLevel: zstd });
  return packed(GzipSchema, { compressionLevel: gzip });
}

/** Requests alone: what the application answers is not touched by it, and its clients are told nothing of it. */
function decompressor(algorithm: Algorithm): NamedFilter {
  const name = `decompress-${algorithm.toLowerCase()}`;
  return {
    name,
    config: packed(DecompressorSchema, {
      decompressorLibrary: { name: algorithm.toLowerCase(), typedConfig: unpacking(algorithm) },
      requestDirectionConfig: { advertiseAcceptEncoding: false },
      responseDirectionConfig: { commonConfig: { enabled: { defaultValue: false, runtimeKey: "weft.never" } } },
    }),
  };
}

const decompressors = (["Gzip", "Brotli", "Zstd"] as const).map(decompressor);

function unpacking(algorithm: Algorithm): Any {
  if (algorithm === "Brotli") return packed(UnbrotliSchema, {});
  return algorithm === "Zstd" ? packed(UnzstdSchema, {}) : packed(GunzipSchema, {});
}
