import { expect, test } from "vitest";
import { resources } from "../../test/cluster/mesh.ts";
import { recordingLog } from "../ca/ca.fixture.ts";
import { Discovery } from "../discovery/discovery.ts";
import { types } from "../model/types.ts";
import { systemClock as clock } from "./clock.ts";
import { countEvent, countedInjection, countedValidation } from "./counted-events.ts";
import { figures } from "./figures.ts";

const discovery = new Discovery({ clock, log: recordingLog(), trustDomain: "cluster.local", sources: [] });
const metrics = figures(() => discovery);
const page = async () => (await metrics.registry.metrics()).split("\n");

test("objects are counted as they come, change and go, and what they begin", async () => {
  const [service] = resources("{apiVersion: v1, kind: Service, metadata: {name: a}, spec: {ports: []}}", "a.yaml");
  if (service === undefined) throw new Error("no Service");
  const put = { changes: [{ put: service }], diagnostics: [] };
  countEvent(metrics, discovery.snapshot, put);
  discovery.apply("a", put);
  await new Promise((next) => setImmediate(next));
  countEvent(metrics, discovery.snapshot, put);
  countEvent(metrics, discovery.snapshot, {
    changes: [{ remove: { type: types.VirtualService, namespace: "default", name: "b" } }],
    diagnostics: [],
  });
  countEvent(metrics, discovery.snapshot, {
    changes: [{ remove: { type: types.Pod, namespace: "default", name: "b" } }],
    diagnostics: [],
  });
  expect(await page()).toEqual(
    expect.arrayContaining([
      'pilot_k8s_reg_events{type="Service",event="add"} 1',
      'pilot_k8s_reg_events{type="Service",event="update"} 1',
      'pilot_k8s_cfg_events{type="VirtualService",event="delete"} 1',
      'pilot_push_triggers{type="config"} 3',
      'pilot_push_triggers{type="endpoint"} 1',
    ]),
  );
});

const review = (kind: string, group: string) => ({
  apiVersion: "admission.k8s.io/v1",
  kind: "AdmissionReview",
  request: { uid: "1", operation: "CREATE", kind: { group, version: "v1", kind } },
});

test("answers of the webhooks are counted; words of strangers make no series", async () => {
  const answer = (response: object) => () => ({ response });
  const validate = countedValidation(answer({ allowed: false }), metrics);
  await validate(review("VirtualService", "networking.istio.io"));
  for (let i = 0; i < 3; i++) await validate(review(`Made${i}`, "up"));
  await countedValidation(answer({ allowed: true }), metrics)(review("Gateway", "networking.istio.io"));
  const pod = review("Pod", "");
  await countedInjection(answer({ allowed: true, patch: "[]" }), metrics)(pod);
  await countedInjection(answer({ allowed: true }), metrics)(pod);
  await countedInjection(answer({ allowed: false }), metrics)(pod);
  expect(await page()).toEqual(
    expect.arrayContaining([
      'galley_validation_failed{group="networking.istio.io",version="v1",resource="VirtualService"} 1',
      'galley_validation_failed{group="",version="",resource="other"} 3',
      'galley_validation_passed{group="networking.istio.io",version="v1",resource="Gateway"} 1',
      "sidecar_injection_requests_total 3",
      "sidecar_injection_success_total 1",
      "sidecar_injection_skip_total 1",
      "sidecar_injection_failure_total 1",
    ]),
  );
});
