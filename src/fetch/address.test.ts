import { ok, strictEqual, throws } from "node:assert";
import { describe, test } from "vitest";
import { isIn, ranges, specialName } from "./address.ts";

describe("what an address is called", () => {
  test.each([
    ["127.0.0.1", "loopback"],
    ["127.255.255.254", "loopback"],
    ["::1", "loopback"],
    ["::ffff:127.0.0.1", "loopback"],
    ["::ffff:7f00:1", "loopback"],
    ["0:0:0:0:0:ffff:7f00:0001", "loopback"],
    ["64:ff9b::7f00:1", "loopback"],
    ["::127.0.0.1", "reserved"],
    ["0.0.0.0", "unspecified"],
    ["::", "unspecified"],
    ["64:ff9b::", "unspecified"],
    ["64:ff9b::1", "unspecified"],
    ["10.1.2.3", "private"],
    ["172.31.255.255", "private"],
    ["192.168.0.1", "private"],
    ["100.64.0.1", "private"],
    ["fd12:3456::1", "private"],
    ["fec0::1", "private"],
    ["::ffff:10.0.0.1", "private"],
    ["2002:a00:1::", "reserved"],
    ["2001:0:a00:1::", "reserved"],
    ["224.0.0.251", "multicast"],
    ["ff02::fb", "multicast"],
    ["255.255.255.255", "reserved"],
    ["198.18.0.1", "reserved"],
    ["not.an.address", "no address"],
    ["", "no address"],
  ])("%s is %s", (address, name) => strictEqual(specialName(address), name));

  test.each(["169.254.169.254", "::ffff:169.254.169.254", "64:ff9b::a9fe:a9fe", "fe80::1", "fe80::1%eth0"])(
    "%s is link-local",
    (address) => ok(specialName(address)?.startsWith("link-local")),
  );

  test.each(["100.100.100.200", "168.63.129.16", "fd00:ec2::254"])("%s is a cloud's own", (address) =>
    ok(specialName(address)?.includes("credentials")),
  );

  test.each(["8.8.8.8", "172.32.0.1", "100.128.0.1", "::ffff:8.8.8.8", "64:ff9b::808:808", "2606:4700::1111"])(
    "%s is the public internet's",
    (address) => strictEqual(specialName(address), undefined),
  );
});

test("ranges hold what they say, in either family's writing", () => {
  const list = ranges(["10.0.0.0/8", "192.168.7.7", "fd00::/8"]);
  ok(["10.9.8.7", "::ffff:10.9.8.7", "192.168.7.7", "fd12::1"].every((address) => isIn(list, address)));
  ok(["11.0.0.1", "192.168.7.8", "fe00::1", "::1"].every((address) => !isIn(list, address)));
});

test.each(["10.0.0.0/33", "10.0.0.0/", "10.0.0/8", "fd00::/129", "example.com", "", "10.0.0.0/8/8", "10.0.0.0/-1"])(
  "%j is no range",
  (text) => throws(() => ranges([text]), /is no range of addresses; write it like/),
);
