import { expect, test } from "vitest";
import { inOurWords } from "./istioctl-words.ts";

test.each([
  ["x describe pod a", "describe pod a"],
  ["experimental check-inject a", "check-inject a"],
  ["x precheck", "check --pre"],
  ["verify-install", "check"],
  ["x", "x"],
  ["get x", "get x"],
])("%s is %s", (said, ours) => {
  expect(inOurWords(said.split(" ")).join(" ")).toBe(ours);
});
