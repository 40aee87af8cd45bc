import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";

const folder = join(import.meta.dirname, "../../console/src");
const files = (readdirSync(folder, { recursive: true }) as string[]).filter((name) => /\.tsx?$/.test(name));
const lines = files.flatMap((name) =>
  readFileSync(join(folder, name), "utf8")
    .split("\n")
    .map((line) => ({ name, line: line.trim() })),
);

test("the console makes no markup out of text: names, logs and Envoy's words are text to React", () => {
  expect(files.length).toBeGreaterThan(20);
  const markup =
    /dangerouslySetInnerHTML|\b(inner|outer)HTML\b|document\.write|insertAdjacentHTML|srcDoc|createContextualFragment|DOMParser/;
  expect(lines.filter(({ line }) => markup.test(line))).toEqual([]);
});

test("addresses that it links to are its own, doors of the mesh that the control plane made, or of http(s)", () => {
  const links = lines.filter(({ line }) => /\bhref=\{|window\.open\(|\blocation(\.href)? = /.test(line));
  const others = links.filter(({ line }) => !/href=\{(door\}|own\()/.test(line));
  // It looks at the address itself.
  expect(others.filter(({ name }) => name !== join("links", "away.tsx"))).toEqual([]);
});
