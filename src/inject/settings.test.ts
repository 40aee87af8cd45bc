import { expect, test } from "vitest";
import { defaultSettings, parseInjectionSettings } from "./settings.ts";

test.each(["", "\n", "# nothing\n", "{}"])("nothing said: %j", (text) => {
  expect(parseInjectionSettings(text)).toEqual({ settings: defaultSettings, faults: [] });
});

test("what is said counts, the rest is as it was", () => {
  const text =
    "proxyImage: hub/weft-proxy:1\ncapture: cni\nneverInjectSelector: [{matchLabels: {a: b}}]\nnetwork: null\n";
  const { settings, faults } = parseInjectionSettings(text);
  expect(faults).toEqual([]);
  expect(settings).toEqual({
    ...defaultSettings,
    ...{ proxyImage: "hub/weft-proxy:1", capture: "cni", neverInjectSelector: [{ matchLabels: { a: "b" } }] },
  });
});

test.each([
  ["capture: iptables", "injection: capture: is one of init, cni"],
  ["proxyImag: x", "injection: proxyImag: is not a setting; did you mean proxyImage?"],
  ["readinessPeriodSeconds: often", "injection: readinessPeriodSeconds: is a number"],
  ["resources: {cpu: 1}", "injection: resources: has requests and limits: maps of quantities"],
  ["traffic: [a]", "injection: traffic: is a map of texts"],
  [
    "neverInjectSelector: [{matchExpressions: [{key: a, operator: Is}]}]",
    'injection: neverInjectSelector: holds the operator "Is"; write In, NotIn, Exists or DoesNotExist',
  ],
  ["constructor: x", "injection: constructor: is not a setting"],
  ["- a", "injection: is a map of settings"],
])("%s is told, and counts as not said", (text, fault) => {
  expect(parseInjectionSettings(text)).toEqual({ settings: defaultSettings, faults: [fault] });
});

test("what is no YAML is told", () => {
  expect(parseInjectionSettings("a: [").faults[0]).toMatch(/^injection: unexpected end/);
});
