import { judge } from "../analysis/judge.ts";
import type { Discovery } from "../discovery/discovery.ts";
import type { Origin } from "../model/origin.ts";
import { validation } from "../operate/validation.ts";
import { readObject } from "../sources/text/text.ts";
import type { Log } from "../std/log.ts";
import type { EventMetrics } from "../telemetry/event-metrics.ts";
import { type InjectingOptions, injecting } from "./cluster-inject.ts";
import { countedInjection, countedValidation } from "./counted-events.ts";
import { judging, type ReviewHandler } from "./webhooks.ts";

/** Where an object that is not in the cluster yet is found: nowhere but in the user's own file. */
const nowhere = { file: "", line: 0, column: 0 };
const origin: Origin = { ...nowhere, at: "", locate: () => nowhere };

/** The webhooks by path. */
export function clusterWebhooks(
  discovery: Discovery,
  log: Log,
  injection: Omit<InjectingOptions, "snapshot" | "log">,
  metrics: EventMetrics,
): ReadonlyMap<string, ReviewHandler> {
  const validate = validation({
    snapshot: () => discovery.tracker.snapshot,
    elapsed: () => performance.now(),
    read: (object) => readObject(object, origin, judge),
  });
  return new Map([
    ["/validate", countedValidation(judging(validate, log), metrics)],
    [
      "/inject",
      countedInjection(injecting({ ...injection, snapshot: () => discovery.tracker.snapshot, log }), metrics),
    ],
  ]);
}
