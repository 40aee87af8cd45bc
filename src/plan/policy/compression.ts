import type { CompressionSpec } from "../../gen/weft/compression.ts";
import { types } from "../../model/types.ts";
import type { Step } from "../../track/scope.ts";
import { covering, type PolicyKey } from "./workload.ts";

/** How a workload's or gateway's answers are made smaller. */
export interface CompressionPlan {
  /** The preferred first. */
  readonly algorithms: readonly ("Brotli" | "Gzip" | "Zstd")[];
  /** Media types; empty for the proxy's own list of what is text. */
  readonly contentTypes: readonly string[];
  readonly minBytes: number;
  readonly level: "Fastest" | "Balanced" | "Smallest";
  /** What becomes of answers with a strong ETag. */
  readonly etags: "Weaken" | "Skip";
  readonly decompressRequests: boolean;
  /** Requests whose answers are left alone; `*` stands for any text. Empty lists are for any host, any path. */
  readonly except: readonly { readonly hosts: readonly string[]; readonly paths: readonly string[] }[];
  readonly origins: readonly string[];
}

/** Below this, what is saved is less than a packet. */
const usualMinBytes = 1024;

/** The one Compression that holds for a workload: its own, else its namespace's, else the mesh's; the oldest of several. Key: JSON of `PolicyKey`. */
export const compression: Step<CompressionPlan | undefined> = {
  name: "plan/compression",
  run: (scope, key) => {
    const [holds] = covering<CompressionSpec>(scope, types.Compression, JSON.parse(key) as PolicyKey);
    if (holds === undefined) return undefined;
    const { spec, origin } = holds;
    return {
      algorithms: spec.algorithms ?? ["Zstd", "Brotli", "Gzip"],
      contentTypes: spec.contentTypes ?? [],
      minBytes: spec.minBytes ?? usualMinBytes,
      level: spec.level ?? "Balanced",
      etags: spec.etags ?? "Weaken",
      decompressRequests: spec.decompressRequests ?? false,
      except: (spec.except ?? []).map(({ hosts = [], paths = [] }) => ({ hosts, paths })),
      origins: [origin.at],
    };
  },
};
