import { expect, test } from "vitest";
import { renderListing } from "./format.ts";
import { renderTable, width } from "./table.ts";

interface Row {
  readonly name: string;
  readonly count: number;
}
const columns = [
  { title: "NAME", of: (r: Row) => r.name },
  { title: "COUNT", of: (r: Row) => String(r.count), align: "right" as const },
];
const rows: Row[] = [
  { name: "reviews", count: 5 },
  { name: "a", count: 1200 },
];

test("columns are as wide as their widest cell; numbers stand at the right", () => {
  expect(renderTable(columns, rows)).toBe("NAME      COUNT\nreviews       5\na          1200\n");
});

test("colour does not count as width", () => {
  const painted = [
    { ...(columns[0] as (typeof columns)[0]), paint: (t: string) => `\u001b[32m${t}\u001b[39m` },
    columns[1] as (typeof columns)[1],
  ];
  const plain = renderTable(painted, rows).replaceAll("\u001b[32m", "").replaceAll("\u001b[39m", "");
  expect(plain).toBe(renderTable(columns, rows));
});

test("wide characters take two cells, marks none, and control characters cannot steer the terminal", () => {
  expect(width("日本")).toBe(4);
  expect(width("é")).toBe(1);
  expect(renderTable([columns[0] as (typeof columns)[0]], [{ name: "a\u001b[2Jb\nc", count: 0 }])).toBe(
    "NAME\na [2Jb c\n",
  );
});

test("a list has one shape in JSON, names alone with -o name, and no title without rows", async () => {
  const listing = { kind: "RowList", items: rows, columns, name: (r: Row) => `row/${r.name}` };
  expect(JSON.parse(await renderListing(listing, "json"))).toEqual({
    apiVersion: "cli.weft.dev/v1",
    kind: "RowList",
    items: rows,
    warnings: [],
  });
  expect(await renderListing(listing, "yaml")).toContain("kind: RowList\nitems:\n  - name: reviews\n");
  expect(await renderListing(listing, "name")).toBe("row/reviews\nrow/a\n");
  expect(await renderListing({ ...listing, items: [] }, "table")).toBe("");
});
