import { expect, test } from "vitest";
import type { ProxySettings } from "../agent/proxy-settings.ts";
import { leavingSlowly } from "./drains.ts";
import type { PodSpec } from "./pod.ts";

const web = { name: "web" };

function hookOf(spec: PodSpec, drainSeconds: number | undefined = 5, container = web): unknown {
  const proxy = { drainSeconds } as ProxySettings;
  return leavingSlowly(container, { kind: "sidecar", drainKey: "key", pod: { spec }, proxy }).lifecycle?.preStop;
}

test("an application beside a sidecar goes on serving until its clients know that it leaves", () => {
  expect(hookOf({})).toEqual({ httpGet: { path: "/drain/key/wait", port: 15020 } });
});

test("a hook of its own stays; Jobs, Pods without a grace period and terminationDrainDuration 0s have none", () => {
  const own = { ...web, lifecycle: { preStop: { exec: { command: ["sleep", "1"] } } } };
  expect(hookOf({}, 5, own)).toEqual({ exec: { command: ["sleep", "1"] } });
  expect(hookOf({ restartPolicy: "OnFailure" })).toBeUndefined();
  expect(hookOf({ terminationGracePeriodSeconds: 1 })).toBeUndefined();
  expect(hookOf({}, 0)).toBeUndefined();
});
