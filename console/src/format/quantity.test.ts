import { describe, expect, it } from "vitest";
import { ago, byteRate, bytes, count, latency, percent, rate, short, span } from "./quantity.ts";

const plain = (text: string) => text.replaceAll("\u202f", " ");

describe("quantities", () => {
  it.each([
    [0, "0"],
    [0.004, "<0.01"],
    [0.42, "0.42"],
    [0.5, "0.5"],
    [4.04, "4"],
    [42.4, "42"],
    [100, "100"],
    [999, "999"],
    [4200, "4.2k"],
    [10_000, "10k"],
    [123_456, "123k"],
    [1_000_000, "1M"],
  ])("%d reads %s", (value, text) => expect(short(value)).toBe(text));

  it("never rounds a few errors to none, nor a few successes to all", () => {
    expect(percent(0.0004)).toBe("<0.1%");
    expect(percent(0.9999)).toBe(">99.9%");
    expect([0, 0.042, 0.5, 0.996, 1].map(percent)).toEqual(["0%", "4.2%", "50%", "99.6%", "100%"]);
  });

  it("gives latencies their unit", () => {
    expect([0.84, 9.96, 23.4, 999, 1240, 15_000].map((v) => plain(latency(v)))).toEqual([
      "0.8 ms",
      "10 ms",
      "23 ms",
      "999 ms",
      "1.2 s",
      "15 s",
    ]);
    expect(latency(undefined)).toBe("–");
  });

  it("gives bytes their unit", () => {
    expect([0, 999, 1200, 12_000, 1_200_000, 3_000_000_000].map((v) => plain(bytes(v)))).toEqual([
      "0 B",
      "999 B",
      "1.2 kB",
      "12 kB",
      "1.2 MB",
      "3 GB",
    ]);
    expect(plain(byteRate(1200))).toBe("1.2 kB/s");
  });

  it("says spans in at most two units", () => {
    expect([0, 8000, 240_000, 12_000_000, 7_200_000, 86_400_000 * 12].map((v) => plain(span(v)))).toEqual([
      "0 s",
      "8 s",
      "4 min",
      "3 h 20 min",
      "2 h",
      "12 d",
    ]);
    expect(plain(span(86_400_000 * 3650))).toBe("10 y");
    expect(plain(ago(0, 8000))).toBe("8 s ago");
    expect(ago(0, 900)).toBe("just now");
  });

  it("counts", () => {
    expect([count(1, "proxy", "proxies"), count(3, "proxy", "proxies"), rate(42)]).toEqual([
      "1 proxy",
      "3 proxies",
      "42/s",
    ]);
  });
});
