import { expect, test } from "vitest";
import type { Change } from "../model/change.ts";
import type { Resource } from "../model/resource.ts";
import { apply, empty, get, type Snapshot } from "../model/snapshot.ts";
import { types } from "../model/types.ts";
import { Tracker } from "../track/tracker.ts";
import { DiscoverySelectors } from "./discovery-selectors.ts";

const at = { file: "t.yaml", line: 1, column: 1 };
function put(type: string, namespace: string, name: string, spec: object, labels: Record<string, string> = {}): Change {
  const base = { apiVersion: "v1", annotations: {}, createdAt: 0, generation: 1 };
  const origin = { ...at, at: "t.yaml:1:1", locate: () => at };
  return { put: Object.freeze({ type, namespace, name, ...base, labels, spec, origin }) satisfies Resource };
}
const meshOf = (discoverySelectors?: readonly object[], more: object = {}) =>
  put("MeshConfig", "", "istio", { ...(discoverySelectors ? { discoverySelectors } : {}), ...more });
const namespace = (name: string, labels: Record<string, string> = {}) => put(types.Namespace, "", name, {}, labels);
const services = ["shop", "lab", "istio-system", "nowhere"].map((ns) => put(types.Service, ns, "web", {}));
const base = apply(empty, [...services, namespace("shop", { env: "prod" }), namespace("lab", { env: "test" })]);
const namespaces = (snapshot: Snapshot) => [...(snapshot.objects.get(types.Service)?.keys() ?? [])].sort();
const seen = (selectors?: readonly object[], more?: object) =>
  namespaces(new DiscoverySelectors().of(apply(base, [meshOf(selectors, more)])));

test("without discoverySelectors all is read", () => {
  const selectors = new DiscoverySelectors();
  expect(selectors.of(base)).toBe(base);
  expect(seen([])).toEqual(["istio-system", "lab", "nowhere", "shop"]);
});

test("namespaces that some selector selects are read, and the root namespace", () => {
  expect(seen([{ matchLabels: { env: "prod" } }])).toEqual(["istio-system", "shop"]);
  expect(seen([{ matchLabels: { env: "prod" } }, { matchLabels: { env: "test" } }])).toEqual([
    "istio-system",
    "lab",
    "shop",
  ]);
  expect(seen([{ matchExpressions: [{ key: "env", operator: "NotIn", values: ["test"] }] }])).toEqual([
    "istio-system",
    "nowhere",
    "shop",
  ]);
  expect(seen([{ matchLabels: { env: "prod" } }], { rootNamespace: "lab" })).toEqual(["lab", "shop"]);
});

test("each namespace has its name as a label, told of or not", () => {
  expect(seen([{ matchLabels: { "kubernetes.io/metadata.name": "nowhere" } }])).toEqual(["istio-system", "nowhere"]);
});

test("objects of no namespace are always read", () => {
  const whole = apply(base, [meshOf([{ matchLabels: { env: "none" } }])]);
  expect(get(new DiscoverySelectors().of(whole), { type: types.Namespace, namespace: "", name: "lab" })).toBeDefined();
});

test("it follows labels and selectors, and a tracker hears of what came and went", () => {
  const selectors = new DiscoverySelectors();
  let whole = apply(base, [meshOf([{ matchLabels: { env: "prod" } }])]);
  const tracker = new Tracker(selectors.of(whole));
  const step = {
    name: "test/services",
    run: (scope: { namespaces(type: string): readonly string[] }) => scope.namespaces(types.Service),
  };
  const now = (...changes: readonly Change[]) => {
    whole = apply(whole, changes);
    tracker.advance(selectors.of(whole));
    return [...tracker.ask(step, "")].sort();
  };
  expect(now()).toEqual(["istio-system", "shop"]);
  expect(now(namespace("lab", { env: "prod" }))).toEqual(["istio-system", "lab", "shop"]);
  expect(now(put(types.Service, "nowhere", "more", {}))).toEqual(["istio-system", "lab", "shop"]);
  expect(now(meshOf([{ matchLabels: { env: "test" } }]))).toEqual(["istio-system"]);
  expect(now(meshOf())).toEqual(["istio-system", "lab", "nowhere", "shop"]);
  expect(now(meshOf([{ matchLabels: { env: "prod" } }]))).toEqual(["istio-system", "lab", "shop"]);
});

test("what an edit leaves alone stays the same object", () => {
  const selectors = new DiscoverySelectors();
  const one = apply(base, [meshOf([{ matchLabels: { env: "prod" } }])]);
  const before = selectors.of(one);
  const after = selectors.of(apply(one, [put(types.VirtualService, "shop", "v", {})]));
  expect(after.objects.get(types.Service)).toBe(before.objects.get(types.Service));
});
