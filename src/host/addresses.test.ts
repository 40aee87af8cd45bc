import { execFileSync } from "node:child_process";
import { describe, expect, test } from "vitest";
import { type CaptureOptions, captureRules } from "../agent/capture.ts";
import { masqueradeRules } from "./masquerade.ts";
import { serviceRules } from "./services.ts";
import { addressIn, freeRange, overlaps, parseRange, type Range } from "./subnet.ts";

describe("ranges of addresses", () => {
  test("are read with their host bits off; nonsense is none", () => {
    expect(parseRange("10.77.3.4/16")).toEqual({ base: 0x0a4d0000, bits: 16 });
    expect(parseRange("0.0.0.0/0")).toEqual({ base: 0, bits: 0 });
    expect(parseRange("192.168.1.1")).toEqual({ base: 0xc0a80101, bits: 32 });
    for (const text of ["default", "10.0.0.256", "fd00::/8", "10.0.0.0/33", ""])
      expect(parseRange(text)).toBeUndefined();
  });

  test("a free one touches no route", () => {
    const taken = ["10.5.0.0/16", "10.6.7.0/24", "192.168.0.0/16"].map((text) => parseRange(text) as Range);
    expect(addressIn(freeRange(taken, 5) as Range, 1)).toBe("10.7.0.1");
    expect(addressIn(freeRange(taken, 255) as Range, 256)).toBe("10.255.1.0");
    expect(addressIn(freeRange([], 0xffffff) as Range, 65_534)).toBe("10.255.255.254");
    expect(freeRange([parseRange("10.0.0.0/8") as Range], 1)).toBeUndefined();
    expect(overlaps(parseRange("10.0.0.0/8") as Range, parseRange("10.9.1.1") as Range)).toBe(true);
  });
});

describe("capture", () => {
  const options: CaptureOptions = {
    ...{ proxy: "sidecar", own: { mark: 1337 }, names: { address: "10.7.0.1", port: 15053 }, probeFrom: "10.7.0.2" },
    annotations: {},
  };
  const annotated = (annotations: Record<string, string>) => {
    const named = Object.entries(annotations).map(([name, value]) => [`traffic.sidecar.istio.io/${name}`, value]);
    return captureRules({ ...options, annotations: Object.fromEntries(named) });
  };

  test("every Pod asks the mesh for names; only one with a sidecar is captured", () => {
    for (const proxy of ["plain", "router"] as const) {
      const rules = captureRules({ ...options, proxy });
      expect(rules).toContain("ip daddr 10.7.0.1 udp dport 53 dnat ip to 10.7.0.1:15053");
      expect(rules).not.toMatch(/15001|15006/);
    }
    expect(captureRules(options)).toMatch(
      /tcp dport 1-65535 redirect to :15001[\s\S]*ip saddr 10\.7\.0\.2 return[\s\S]*redirect to :15006/,
    );
  });

  test("Istio's annotations", () => {
    expect(annotated({ excludeOutboundPorts: "3306, 5432" })).toContain("tcp dport { 3306, 5432 } return");
    expect(annotated({ excludeOutboundIPRanges: "10.1.0.0/16" })).toContain("ip daddr 10.1.0.0/16 return");
    expect(annotated({ includeOutboundIPRanges: "10.1.0.0/16" })).toMatch(
      /ip daddr 10\.1\.0\.0\/16 tcp dport 1-65535 redirect to :15001\n(?![\s\S]*tcp dport 1-65535 redirect to :15001)/,
    );
    expect(annotated({ excludeInboundPorts: "9999" })).toContain(
      "tcp dport { 15008, 15020, 15021, 15090, 9999 } return",
    );
    expect(annotated({ includeInboundPorts: "80" })).toContain("tcp dport { 80 } redirect to :15006");
    expect(annotated({ includeInboundPorts: "" }).split("chain prerouting")[1]).not.toContain("redirect");
  });

  test("what is no port and no range never reaches nft", () => {
    expect(annotated({ excludeOutboundPorts: "80; flush ruleset, 70000, x", excludeOutboundIPRanges: "} drop" })).toBe(
      annotated({}),
    );
  });

  test("nft takes the rules", () => {
    const all = {
      excludeOutboundPorts: "1,2,1",
      excludeOutboundIPRanges: "10.1.0.0/16",
      includeOutboundIPRanges: "10.2.0.0/16",
      includeOutboundPorts: "80",
      excludeInboundPorts: "3",
      includeInboundPorts: "80,81",
    };
    const target = { address: "10.7.1.1", port: 8080 };
    const services = serviceRules([
      { address: "10.96.0.1", port: 80, protocol: "tcp", targets: [target, target] },
      { address: "10.96.0.1", port: 53, protocol: "udp", targets: [target] },
      { address: "10.96.0.2", port: 80, protocol: "tcp", targets: [] },
    ]);
    for (const rules of [
      services,
      annotated(all),
      annotated({}),
      captureRules({ ...options, proxy: "plain" }),
      masqueradeRules("weft-abc123", "weft-abc123", "10.7.0.0/16"),
    ]) {
      execFileSync("unshare", ["-Urn", "nft", "-c", "-f", "-"], { input: rules });
    }
  });
});
