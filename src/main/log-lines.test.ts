import { expect, test } from "vitest";
import { podLines } from "./log-lines.ts";

async function* pieces(...texts: readonly string[]) {
  yield* texts;
}
async function all(lines: AsyncIterable<string>): Promise<readonly string[]> {
  const found: string[] = [];
  for await (const line of lines) found.push(line);
  return found;
}
const how = { tail: undefined, follow: false, keep: undefined };

test("pieces become lines, the last of those that are wanted", async () => {
  const texts = ["a1\nb", "1\na2\n", "a3\nb2"];
  expect(await all(podLines(pieces(...texts), how))).toEqual(["a1", "b1", "a2", "a3", "b2"]);
  const keep = (line: string) => line.startsWith("a");
  expect(await all(podLines(pieces(...texts), { ...how, tail: 2, keep }))).toEqual(["a2", "a3"]);
  expect(await all(podLines(pieces(...texts), { tail: 1, follow: true, keep }))).toEqual(["a1", "a2", "a3"]);
});

test("a line that nobody ends is cut, and takes no more memory than that", async () => {
  const lines = await all(podLines(pieces(...Array.from({ length: 9 }, () => "x".repeat(100_000)), "\nend"), how));
  expect(lines.map(({ length }) => length)).toEqual([300_000, 300_000, 300_000, 0, 3]);
});
