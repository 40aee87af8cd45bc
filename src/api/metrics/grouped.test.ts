import { beforeEach, expect, test } from "vitest";
import { labels, latency, requests } from "../testdata/bookinfo.ts";
import { ask, now, start, store } from "../testdata/served.ts";

beforeEach(async () => {
  store.write(now - 2000, 3000, [
    requests(30, labels("destination", "productpage-v1", "reviews-v1")),
    requests(10, labels("destination", "productpage-v1", "reviews-v1", { response_code: "503" })),
    requests(40, labels("source", "productpage-v1", "reviews-v1")),
    requests(6, labels("destination", "details-v1", "reviews-v2")),
    latency(labels("destination", "productpage-v1", "reviews-v1"), [0, 30, 0, 0, 0, 0, 0, 0]),
  ]);
  await start();
});

const of = async (query: string) => {
  const { status, json } = await ask(`/api/v1/metrics?${query}&from=${now - 5000}&to=${now}&step=5`);
  if (status !== 200) return { status, fix: json.fix };
  return json.groups.map((g: { name: string; points: [number, number | null][] }) => [
    g.name,
    g.points.findLast(([, value]) => value !== null)?.[1],
  ]);
};
const reviews = "nodes=workload/default/reviews-v1,workload/default/reviews-v2";

test("tells what some workloads receive apart by caller, code and version", async () => {
  expect(await of(`${reviews}&by=all`)).toEqual([["all", expect.closeTo(46 / 3, 3)]]);
  expect(await of(`${reviews}&by=peer`)).toEqual([
    ["productpage-v1", expect.closeTo(40 / 3, 3)],
    ["details-v1", expect.closeTo(2, 3)],
  ]);
  expect(await of(`${reviews}&by=code`)).toEqual([
    ["200", expect.closeTo(12, 3)],
    ["503", expect.closeTo(10 / 3, 3)],
  ]);
  expect((await of(`${reviews}&by=version`)).map(([name]: [string]) => name)).toEqual(["v1", "v2"]);
  expect(await of(`${reviews}&metric=errors&by=version`)).toEqual([
    ["v1", 0.25],
    ["v2", 0],
  ]);
});

test("tells what a workload sends, what is asked of a host, and what one side reports alone", async () => {
  expect(await of("nodes=workload/default/details-v1&direction=outbound&by=peer")).toEqual([
    ["reviews-v2", expect.closeTo(2, 3)],
  ]);
  expect(await of("host=reviews.default.svc.cluster.local&by=service")).toEqual([
    ["reviews.default.svc.cluster.local", expect.closeTo(46 / 3, 3)],
  ]);
  expect(await of(`${reviews}&reporter=source`)).toEqual([["all", expect.closeTo(40 / 3, 3)]]);
  expect(await of(`${reviews}&metric=p50`)).toEqual([["all", expect.any(Number)]]);
});

test("refuses what makes no sense, and says what would", async () => {
  expect(await of("by=peer")).toMatchObject({ status: 400, fix: expect.stringContaining("host=HOST") });
  expect(await of(`${reviews}&by=colour`)).toMatchObject({ status: 400, fix: expect.stringContaining("code") });
});
