// Made by scripts/refresh-crds.mjs from data/install/weft.dev.yaml (Apache-2.0), weft.dev/v1; do not edit.
/** Compresses the answers of workloads and gateways for clients that accept it. */
export interface CompressionSpec {
  /** Workloads of this namespace, or gateways; in the mesh's root namespace those of every namespace. Without it: all. */
  readonly selector?: CompressionSelector;
  /** What may be used. Where a client likes several equally, the first of these is taken, else the client's first. Zstd, Brotli and Gzip unless set. */
  readonly algorithms?: readonly ("Brotli" | "Gzip" | "Zstd")[];
  /** Media types of what is compressed. Unless set: text, JSON, XML, JavaScript, SVG, web fonts and the like. */
  readonly contentTypes?: readonly string[];
  /** Answers that say a shorter length are left alone; 1024 unless set. */
  readonly minBytes?: number;
  /** How hard it is tried; Balanced unless set. */
  readonly level?: "Fastest" | "Balanced" | "Smallest";
  /** Answers with a strong ETag: Weaken marks it as weak (as a compressed answer is another one), Skip leaves such answers alone. Weaken unless set. */
  readonly etags?: "Weaken" | "Skip";
  /** Requests that come compressed are unpacked before the application sees them. */
  readonly decompressRequests?: boolean;
  /** Requests whose answers are left alone, each by its host, its path or both. */
  readonly except?: readonly CompressionException[];
}

/** Workloads of this namespace, or gateways; in the mesh's root namespace those of every namespace. Without it: all. */
export interface CompressionSelector {
  /** Labels that all must be there. */
  readonly matchLabels: Readonly<Record<string, string>>;
}

export interface CompressionException {
  /** Hosts without a port; *.example.com for all below. */
  readonly hosts?: readonly string[];
  /** Paths without their query: /exact, /prefix*, *suffix. */
  readonly paths?: readonly string[];
}
