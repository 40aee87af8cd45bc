import { expect, test } from "vitest";
import type { Discovery } from "../discovery/discovery.ts";
import { mayBeAsked, scrapeTargets } from "./scrape-targets.ts";

test.each([
  ["10.1.2.3", "10.1.2.3", true],
  ["192.168.1.9", "10.0.0.1", true],
  ["fd12::7", "10.0.0.1", true],
  ["127.77.0.1", "127.0.0.1", true],
  ["127.0.0.1", "10.0.0.1", false],
  ["::1", "10.0.0.1", false],
  ["::ffff:127.0.0.1", "10.0.0.1", false],
  ["169.254.169.254", "10.0.0.1", false],
  ["::ffff:169.254.169.254", "10.0.0.1", false],
  ["fe80::1", "10.0.0.1", false],
  ["100.100.100.200", "10.0.0.1", false],
  ["0.0.0.0", "127.0.0.1", false],
  ["224.0.0.1", "10.0.0.1", false],
  ["metadata.google.internal", "10.0.0.1", false],
  ["169.254.169.254/latest/meta-data?", "10.0.0.1", false],
  ["10.0.0.1:80/quitquitquit#", "10.0.0.1", false],
  ["2130706433", "10.0.0.1", false],
  ["0x7f.1", "10.0.0.1", false],
  ["", "10.0.0.1", false],
])("a proxy that says that it is at %s, from %s: %s", (address, from, asked) => {
  expect(mayBeAsked(address, from)).toBe(asked);
});

test("the others are read as before, each at its first address", () => {
  const connected = (id: string, ips: readonly string[], service = "ads") => ({
    proxy: { id, name: id, namespace: "a", ips },
    session: { protocol: { service }, remoteAddress: "10.0.0.1:5000" },
  });
  const proxies = () => [
    connected("good", ["10.0.0.1", "169.254.169.254"]),
    connected("bad", ["169.254.169.254", "10.0.0.1"]),
    connected("secrets", ["10.0.0.1"], "sds"),
  ];
  const targets = scrapeTargets({ proxies } as unknown as Pick<Discovery, "proxies">);
  expect(targets).toEqual([{ proxyId: "good", pod: "good", namespace: "a", address: "10.0.0.1" }]);
});
