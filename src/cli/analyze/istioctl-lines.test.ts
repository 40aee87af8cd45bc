import { deepStrictEqual } from "node:assert";
import { test } from "vitest";
import { documentOf } from "./istioctl-lines.ts";

const of = (text: string, line: number) => documentOf(text, line);

test("documents between separators are counted as they are", () => {
  const text = "a: 1\nb: 2\n---\n\n# said\nc: 3\n";
  deepStrictEqual(of(text, 2), { first: 1, shift: 0, last: 2 });
  deepStrictEqual(of(text, 6), { first: 5, shift: 0, last: 7 });
});

test("a separator that ends nothing shifts the fields below it", () => {
  deepStrictEqual(of("---\na: 1\nb: 2\n", 3), { first: 2, shift: 1, last: 4 });
  deepStrictEqual(of("---\n\n\na: 1\n", 4), { first: 4, shift: 3, last: 5 });
});

test("not so where something stands before it, or where it is ended by another", () => {
  deepStrictEqual(of("# said\n---\na: 1\n", 3), { first: 3, shift: 0, last: 4 });
  deepStrictEqual(of("---\n---\na: 1\n", 3), { first: 3, shift: 0, last: 4 });
});
