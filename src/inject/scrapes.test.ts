import { expect, test } from "vitest";
import type { Resource } from "../model/resource.ts";
import { apply, empty } from "../model/snapshot.ts";
import { scrapesOf } from "./scrapes.ts";

const mesh = (spec: object) =>
  apply(empty, [{ put: { type: "MeshConfig", namespace: "", name: "istio", spec } as Resource }]);
const off = mesh({ enablePrometheusMerge: false });

test("enablePrometheusMerge counts where the Pod says nothing else", () => {
  expect(scrapesOf({}, off)).toBeUndefined();
  expect(scrapesOf({}, mesh({ enablePrometheusMerge: true }))).toMatchObject({ targets: [] });
  expect(scrapesOf({ "prometheus.istio.io/merge-metrics": "true" }, off)).toMatchObject({ targets: [] });
  expect(scrapesOf({ "prometheus.istio.io/merge-metrics": "false" }, empty)).toBeUndefined();
  expect(scrapesOf({ "prometheus.io/scrape": "f" }, empty)).toBeUndefined();
});

test("what Prometheus was told before is where the application is asked", () => {
  const targets = (annotations: Readonly<Record<string, string>>) => {
    const made = scrapesOf(annotations, empty);
    return made !== undefined && "targets" in made ? made.targets : made;
  };
  expect(targets({ "prometheus.io/scrape": "true" })).toEqual([{ port: 80, path: "/metrics", tls: false }]);
  expect(targets({ prometheus_io_port: "9090", "prometheus.io/path": "stats" })).toEqual([
    { port: 9090, path: "/stats", tls: false },
  ]);
  // Injected before, or the user's own word.
  expect(targets({ "prometheus.io/port": "15020", "prometheus.io/path": "/stats/prometheus" })).toEqual([]);
  expect(targets({ "prometheus.io/port": "web" })).toEqual({
    fault: 'annotation prometheus.io/port: "web:" has no port of 1 to 65535; write "9090:/metrics"',
  });
});
