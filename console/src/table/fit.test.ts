import { expect, it } from "vitest";
import type { Column } from "./columns.ts";
import { fitted } from "./fit.ts";

const column = (id: string, width: string | undefined, more: Partial<Column<string>> = {}): Column<string> => ({
  id,
  title: id,
  cell: (row) => row,
  sort: (row) => row,
  ...(width ? { width } : {}),
  ...more,
});
const columns = [
  column("name", "200px", { most: 320 }),
  column("restarts", "100px", { yields: 1 }),
  column("certificate", "100px", { yields: 2 }),
  column("sentence", undefined),
];
const widths = (room: number, chosen: readonly string[] = []) =>
  fitted(columns, room, (id) => chosen.includes(id)).map((c) => `${c.id} ${c.width ?? "rest"}`);

it("leaves out what may yield, the first to yield first, and nothing more than is needed", () => {
  expect(widths(600)).toEqual(["name 200px", "restarts 100px", "certificate 100px", "sentence rest"]);
  expect(widths(590)).toEqual(["name 290px", "certificate 100px", "sentence rest"]);
  expect(widths(450)).toEqual(["name 250px", "sentence rest"]);
  expect(widths(100)).toEqual(["name 200px", "sentence rest"]);
});

it("keeps what somebody chose, and leaves all as it is before anything is measured", () => {
  expect(widths(590, ["restarts"])).toEqual(["name 290px", "restarts 100px", "sentence rest"]);
  expect(widths(0)).toHaveLength(4);
});

it("gives names what they can use of a wide screen, and the rest to the sentence", () =>
  expect(widths(3000)[0]).toBe("name 320px"));
