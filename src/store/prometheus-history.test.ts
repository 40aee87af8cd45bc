import { expect, test } from "vitest";
import type { Log } from "../std/log.ts";
import { PrometheusHistory } from "./prometheus-history.ts";

const said: string[] = [];
const log: Log = {
  ...{ debug: () => {}, error: () => {} },
  info: (message) => said.push(message),
  warn: (message) => said.push(message),
  with: () => log,
};
const matrix = (result: object[]) => JSON.stringify({ status: "success", data: { resultType: "matrix", result } });

test("growth is asked for, step by step, and buckets are what fell into each", async () => {
  const asked: URL[] = [];
  const history = new PrometheusHistory({
    url: "http://prometheus:9090/path/",
    log,
    ask: async (url) => {
      asked.push(new URL(url));
      const query = new URL(url).searchParams.get("query") ?? "";
      const at = (metric: object, ...values: [number, string][]) => ({ metric, values });
      const a = { reporter: "source", destination_service: "a" };
      if (query.includes("_bucket"))
        return matrix([
          at({ ...a, le: "10" }, [20, "0"], [30, "2"]),
          at({ ...a, le: "5" }, [20, "0"], [30, "0"]),
          at({ ...a, le: "+Inf" }, [20, "0"], [30, "5"]),
        ]);
      if (query.includes("_sum")) return matrix([at(a, [30, "60"])]);
      return matrix([at(a, [20, "3"], [30, "NaN"]), at({ reporter: "source", destination_service: "b" }, [20, "9"])]);
    },
  });
  const matches = (labels: Readonly<Record<string, string>>) => labels["destination_service"] === "a";
  const names = ["istio_requests_total", "istio_request_duration_milliseconds"];
  const steps = await history.steps({ names, labels: { reporter: 'so"urce' }, matches }, 10_000, 30_000, 10_000);
  const labels = { reporter: "source", destination_service: "a" };
  expect(steps).toEqual([
    { time: 20_000, covered: 10_000, totals: [{ name: names[0], labels, value: 3 }] },
    {
      time: 30_000,
      covered: 10_000,
      totals: [{ name: names[1], labels, value: 5, buckets: { bounds: [5, 10], counts: [0, 2, 3], sum: 60 } }],
    },
  ]);
  const [first] = asked;
  expect(first?.pathname).toBe("/path/api/v1/query_range");
  expect(first?.searchParams.get("query")).toMatch(
    /increase\(istio_requests_total\{reporter="so\\"urce"\}\[10000ms\]\)/,
  );
  expect([first?.searchParams.get("start"), first?.searchParams.get("end")]).toEqual(["20", "30"]);
});

test("a Prometheus that does not answer is told of once, and its time was not looked at", async () => {
  said.length = 0;
  let answer = () => Promise.reject<string>(new Error("no route"));
  const history = new PrometheusHistory({ url: "http://p", log, ask: () => answer() });
  const look = () => history.totals({ names: ["istio_requests_total"] }, 0, 1000);
  expect(await look()).toEqual({ time: 1000, covered: 0, totals: [] });
  await look();
  answer = async () => JSON.stringify({ status: "error", error: "bad_data" });
  await look();
  answer = async () => matrix([]);
  expect(await look()).toEqual({ time: 1000, covered: 1000, totals: [] });
  expect(said).toEqual(["Prometheus does not answer", "Prometheus answers again"]);
});
