import { join } from "node:path";
import type { Discovery } from "../discovery/discovery.ts";
import type { Clock } from "../std/clock.ts";
import type { Log } from "../std/log.ts";
import { PrometheusHistory } from "../store/prometheus-history.ts";
import { type RequestStore, requestStore } from "../store/requests/request-store.ts";
import { type SpanStore, spanStore } from "../store/spans/span-store.ts";
import type { History, Store } from "../store/store.ts";
import type { ControlPlaneMetrics } from "../telemetry/control-plane.ts";
import { httpFetch } from "../telemetry/http-fetch.ts";
import { metricsPage } from "../telemetry/metrics-page.ts";
import { Scraper, type Target } from "../telemetry/scraper.ts";
import { startHistory } from "./history-thread.ts";
import { namedServer } from "./named-server.ts";
import { scrapeTargets } from "./scrape-targets.ts";

/** What is seen of the traffic: proxies' metrics, their history, and the control plane's own figures. */
export interface Observation {
  readonly store: Store;
  /** Who is asked of traffic in place of the store. */
  readonly history?: History;
  readonly spans: SpanStore;
  readonly requests: RequestStore;
  readonly page: ReturnType<typeof metricsPage>;
  start(): void;
  stop(): Promise<void>;
}

export interface ObservationOptions {
  readonly discovery: Discovery;
  readonly stateDir: string;
  readonly metrics: ControlPlaneMetrics;
  /** Whose metrics are read; by default all proxies' that are connected here. */
  readonly targets?: () => readonly Target[];
  /** URL of the Prometheus that is asked for traffic. */
  readonly prometheus?: string;
  readonly clock: Clock;
  readonly log: Log;
}

/** Nothing is read before `start`. */
export function observe(options: ObservationOptions): Observation {
  const { discovery, stateDir, metrics, clock, log } = options;
  const store = startHistory(join(stateDir, "history.db"), log);
  const spans = spanStore(store, clock);
  const requests = requestStore(store, clock);
  const fetch = httpFetch();
  const scraper = new Scraper({
    targets: options.targets ?? (() => scrapeTargets(discovery)),
    fetch,
    clock,
    log,
    onLook: (at, covered, increments) => store.write(at, covered, increments),
  });
  const { prometheus } = options;
  return {
    store,
    ...(prometheus === undefined ? {} : { history: new PrometheusHistory({ ...namedServer(prometheus), log }) }),
    spans,
    requests,
    page: metricsPage(metrics.registry, () => scraper.answers()),
    start: () => scraper.start(),
    async stop() {
      await scraper.stop();
      fetch.close();
      spans.close();
      requests.close();
      await store.close();
    },
  };
}
