import { expect, test } from "vitest";
import { Addresses, parseRange } from "./addresses.ts";

test("hands out every address of a range once, then none", () => {
  const addresses = new Addresses(parseRange("10.0.0.0/29"));
  const given = Array.from({ length: 6 }, (_, i) => addresses.take(`s${i}`));
  expect(new Set(given).size).toBe(6);
  expect([...given].sort()).toEqual([1, 2, 3, 4, 5, 6].map((i) => `10.0.0.${i}`));
  expect(addresses.take("one-more")).toBeUndefined();
  addresses.release("s3");
  expect(addresses.take("one-more")).toBe(given[3]);
  expect(addresses.take("s0")).toBe(given[0]);
});

test("the same name asks for the same address", () => {
  const one = new Addresses(parseRange("240.240.0.0/16")).take("default/reviews");
  expect(new Addresses(parseRange("240.240.0.0/16")).take("default/reviews")).toBe(one);
  expect(one).toMatch(/^240\.240\./);
});

test.each(["10.0.0.0", "10.0.0.0/31", "10.0.0.256/16", "fd00::/64"])("%s is no range", (cidr) => {
  expect(() => parseRange(cidr)).toThrow("not an IPv4 range");
});
