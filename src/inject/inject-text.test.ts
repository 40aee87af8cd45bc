import { describe, expect, test } from "vitest";
import { parseAllDocuments } from "yaml";
import { empty } from "../model/snapshot.ts";
import type { InjectContext } from "./context.ts";
import { injectText } from "./inject-text.ts";
import { defaultSettings } from "./settings.ts";

const context: InjectContext = {
  settings: defaultSettings,
  snapshot: empty,
  revision: "default",
  installNamespace: "istio-system",
};

const text = `# The shop's web server.
apiVersion: v1
kind: Service
metadata: {name: web} # short
spec: {ports: [{port: 80}]}
---
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web # its name
  namespace: shop
spec:
  paused: no
  template:
    metadata:
      labels:
        app: web
    spec:
      # Runs first.
      initContainers:
        - name: migrate
          image: web:1
      containers:
        # The only one.
        - name: web
          image: web:1 # pinned
          command: ["sh", "-c", "echo $(HOSTNAME) yes"]
`;

describe("a file", () => {
  const { text: made, told } = injectText(text, "default", context);

  test("keeps comments, order and what has no Pods", () => {
    for (const line of text.split("\n").filter((each) => each.includes("#") || each.includes("Service")))
      expect(made).toContain(line.trim());
    expect(made).toContain("paused: no");
    expect(told).toEqual([{ name: "Deployment shop/web", outcome: "injected", words: [] }]);
  });

  test("gets the sidecar before the user's init containers", () => {
    const object = parseAllDocuments(made)[1]?.toJS() as {
      spec: {
        template: { spec: { initContainers: { name: string; args: string[] }[]; containers: { name: string }[] } };
      };
    };
    const { initContainers, containers } = object.spec.template.spec;
    expect(initContainers.map(({ name }) => name)).toEqual(["istio-init", "istio-proxy", "migrate"]);
    expect(containers.map(({ name }) => name)).toEqual(["web"]);
    expect(initContainers[1]?.args[1]).toContain('"WORKLOAD_NAME":"web"');
    expect(initContainers[1]?.args[1]).toContain("namespaces/$(POD_NAMESPACE)/deployments/web");
  });

  test("injected twice is as injected once", () => {
    expect(injectText(made, "default", context)).toEqual({
      text: made,
      told: [{ name: "Deployment shop/web", outcome: "left", words: ["it has a proxy already"] }],
    });
  });

  test("the same text gives the same text", () => {
    expect(injectText(text, "default", context).text).toBe(made);
  });
});

test.each([
  ["Pod", "spec: {containers: [{name: web}]}"],
  ["StatefulSet", "spec: {template: {spec: {containers: [{name: web}]}}}"],
  ["DaemonSet", "spec: {template: {spec: {containers: [{name: web}]}}}"],
  ["Job", "spec: {template: {spec: {containers: [{name: web}]}}}"],
  ["CronJob", "spec: {jobTemplate: {spec: {template: {spec: {containers: [{name: web}]}}}}}"],
])("%s", (kind, rest) => {
  const { text: made, told } = injectText(`kind: ${kind}\nmetadata: {name: web}\n${rest}\n`, "shop", context);
  expect(told).toEqual([{ name: `${kind} web`, outcome: "injected", words: [] }]);
  expect(made).toContain("name: istio-proxy");
});

test("items of a List, as JSON too", () => {
  const pod = { kind: "Pod", metadata: { name: "a" }, spec: { containers: [{ name: "a" }] } };
  const { told } = injectText(JSON.stringify({ kind: "List", items: [pod, { kind: "Secret" }, pod] }), "shop", context);
  expect(told.map(({ name }) => name)).toEqual(["Pod a", "Pod a"]);
});

test("aliases do not carry the change of one Pod into another", () => {
  const aliased = `kind: List\nitems:\n- &a {kind: Pod, metadata: {name: a}, spec: {containers: [{name: a}]}}\n- *a\n`;
  const { text: made, told } = injectText(aliased, "shop", context);
  expect(told.map(({ outcome }) => outcome)).toEqual(["injected", "injected"]);
  expect(made.match(/name: istio-proxy/g)).toHaveLength(2);
});

test("a Pod that is refused is named", () => {
  const said = `kind: Pod\nmetadata: {name: a, annotations: {sidecar.istio.io/proxyCPU: lots}}\nspec: {containers: []}\n`;
  const { told } = injectText(said, "shop", context);
  expect(told).toEqual([
    {
      name: "Pod a",
      outcome: "refused",
      words: ['annotation sidecar.istio.io/proxyCPU: "lots" is not a quantity; write "100m" or "64Mi"'],
    },
  ]);
});

test("what is no YAML throws, with the line", () => {
  expect(() => injectText("a: [", "shop", context)).toThrow(/line 1/);
});
