import { expect, test } from "vitest";
import { parseText } from "./text.ts";

const one = "# a comment\napiVersion: v1\nkind: Namespace\nmetadata:\n  name: a # here\n";

test("an object gives its own text, from its line on", () => {
  const { resources } = parseText("x.yaml", `${one}---\n${one.replace("name: a", "name: b")}`);
  expect(resources.map((r) => [r.origin.line, r.origin.text?.()])).toEqual([
    [2, "apiVersion: v1\nkind: Namespace\nmetadata:\n  name: a # here\n"],
    [8, "apiVersion: v1\nkind: Namespace\nmetadata:\n  name: b # here\n"],
  ]);
});

test("an item of a List gives a text that reads as the same object", () => {
  const list = `apiVersion: v1\nkind: List\nitems:\n  - apiVersion: v1\n    kind: Namespace\n    metadata: {name: a}\n`;
  const [item] = parseText("x.yaml", list).resources;
  const [again] = parseText("y.yaml", item?.origin.text?.() ?? "").resources;
  expect(again).toMatchObject({ type: "Namespace", name: "a" });
});
