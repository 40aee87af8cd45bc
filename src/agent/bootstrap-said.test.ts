import { expect, test } from "vitest";
import { bootstrapSettings, milliseconds } from "./bootstrap-said.ts";

test("nothing said changes nothing", () => {
  expect(bootstrapSettings({}, {})).toEqual({});
});

test("proxyStatsMatcher; an annotation counts instead of each of its lists", () => {
  const proxyStatsMatcher = {
    inclusionPrefixes: ["http.", "tcp."],
    inclusionSuffixes: [".rq"],
    inclusionRegexps: ["vhost\\..*", "[unclosed", "(a{1000}){1000}"],
  };
  expect(bootstrapSettings({ proxyStatsMatcher }, {}).stats).toEqual({
    prefixes: ["http.", "tcp."],
    suffixes: [".rq"],
    // What RE2 does not take would keep Envoy from starting.
    regexps: ["vhost\\..*"],
  });
  const annotations = { "sidecar.istio.io/statsInclusionPrefixes": "cluster.outbound, wasm" };
  expect(bootstrapSettings({ proxyStatsMatcher }, annotations).stats).toMatchObject({
    prefixes: ["cluster.outbound", "wasm"],
    suffixes: [".rq"],
  });
  expect(bootstrapSettings({ proxyStatsMatcher: ["no"] }, {})).toEqual({});
});

test("extraStatTags of both, each once", () => {
  const annotations = { "sidecar.istio.io/extraStatTags": "region,(tier" };
  expect(bootstrapSettings({ extraStatTags: ["region", "shop.id", 7] }, annotations).statTags).toEqual([
    "region",
    "shop.id",
  ]);
});

test("runtimeValues: flags are booleans, the rest is text", () => {
  const runtimeValues = { "envoy.reloadable_features.x": "false", "overload.y": "100", z: "true", empty: "", bad: 7 };
  expect(bootstrapSettings({ runtimeValues }, {}).runtime).toEqual({
    "envoy.reloadable_features.x": false,
    "overload.y": "100",
    z: true,
    empty: "",
  });
});

test("histogram buckets of the annotation, where they rise", () => {
  const said = (text: string) =>
    bootstrapSettings({}, { "sidecar.istio.io/statsHistogramBuckets": text }).histogramBuckets;
  expect(said('{"istio": [1, 5, 10], "cluster": [100], "down": [2, 1], "zero": [0, 1], "words": ["a"]}')).toEqual([
    { prefix: "cluster", buckets: [100] },
    { prefix: "istio", buckets: [1, 5, 10] },
  ]);
  expect(said("{")).toBeUndefined();
  expect(said("[1]")).toBeUndefined();
});

test("intervals: the eviction is a multiple of the flush", () => {
  const said = (flush?: string, eviction?: string) =>
    bootstrapSettings(
      {},
      {
        ...(flush === undefined ? {} : { "sidecar.istio.io/statsFlushInterval": flush }),
        ...(eviction === undefined ? {} : { "sidecar.istio.io/statsEvictionInterval": eviction }),
      },
    );
  expect(said("7s")).toEqual({ statsFlushMs: 7000, statsEvictionMs: 63_000 });
  expect(said("5s", "12s")).toEqual({ statsFlushMs: 5000, statsEvictionMs: 15_000 });
  expect(said(undefined, "2m")).toEqual({ statsEvictionMs: 120_000 });
  expect(said("5m")).toEqual({});
  expect(said("often")).toEqual({});
});

test("statsCompression: gzip, or what the annotation names", () => {
  const said = (statsCompression: unknown, annotation?: string) =>
    bootstrapSettings(
      { statsCompression },
      annotation === undefined ? {} : { "sidecar.istio.io/statsCompression": annotation },
    ).statsCompression;
  expect(said(true)).toBe("gzip");
  expect(said(false)).toBeUndefined();
  expect(said(undefined, "zstd")).toBe("zstd");
  expect(said(true, "lzma")).toBeUndefined();
});

test("durations", () => {
  expect(["500ms", "1.5s", "2m", "1h", "0s", "5", "s"].map(milliseconds)).toEqual([
    500,
    1500,
    120_000,
    3_600_000,
    undefined,
    undefined,
    undefined,
  ]);
});
