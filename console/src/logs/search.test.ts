import { expect, it } from "vitest";
import { commandOf, readLogs, shownSources } from "./search.ts";

it("reads of an address what makes sense there, and nothing else", () => {
  const noon = Date.UTC(2026, 10, 22, 12);
  expect(readLogs({ logfrom: noon, logto: String(noon + 10), logshow: 503, logregex: "true" })).toEqual({
    logfrom: noon,
    logto: noon + 10,
    logshow: "503",
    logregex: true,
  });
  for (const wrong of ["soon", -1, 5, 1e30, Number.NaN, {}, "", null])
    expect(readLogs({ logfrom: wrong, logto: wrong })).toEqual({});
  expect(readLogs({ logfrom: noon, logto: noon - 1 })).toEqual({});
  expect(readLogs({ loghide: "x".repeat(1025), logsources: "x,spans,proxy", logpause: "no" })).toEqual({
    logsources: "proxy,spans",
  });
  expect(readLogs({ logsources: "application,proxy" })).toEqual({});
  expect(shownSources({})).toEqual(["application", "proxy"]);
});

it("prints the same in a terminal, whatever is searched for", () => {
  const asked = { logshow: "it's", loghide: "-v", logregex: true } as const;
  expect(commandOf(asked, "reviews-v1", "default", "proxy", 500)).toBe(
    "npx weft logs reviews-v1 -n default --tail 500 -c proxy | grep -E -e 'it'\\''s' | grep -v -E -e '-v'",
  );
});
