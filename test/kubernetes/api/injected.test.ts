import { randomUUID } from "node:crypto";
import { beforeAll, describe, expect, it } from "vitest";
import { injectText } from "../../../src/inject/inject-text.ts";
import { parseInjectionSettings } from "../../../src/inject/settings.ts";
import { empty } from "../../../src/model/snapshot.ts";
import type { ApiServer } from "../api-server.ts";
import { noApiServer, sharedApiServer } from "../shared.ts";

const sidecar = `
metadata: {name: web, labels: {app: web}}
spec:
  containers:
    - name: web
      image: web:1
      ports: [{name: http, containerPort: 8080}]
      readinessProbe: {httpGet: {port: http, path: /ready}}
      livenessProbe: {grpc: {port: 9000}}
      startupProbe: {tcpSocket: {port: 8080}}
      lifecycle: {preStop: {httpGet: {port: 8080}}}
`;

const gateway = `
metadata: {name: gateway, labels: {istio: ingressgateway}, annotations: {inject.istio.io/templates: gateway}}
spec:
  containers: [{name: istio-proxy, image: auto, ports: [{containerPort: 80}]}]
`;

describe.skipIf(noApiServer())("an API server takes injected Pods", () => {
  let api: ApiServer;
  const namespace = `inject-${randomUUID()}`;
  beforeAll(async () => {
    api = await sharedApiServer();
    await api.kubectl(["create", "namespace", namespace]);
    // No controller makes it here.
    await api.kubectl(["create", "serviceaccount", "default", "-n", namespace]);
  });

  it.each([
    ["a sidecar", sidecar, ""],
    ["a sidecar that the node captures for", sidecar, "capture: cni"],
    ["a gateway", gateway, ""],
  ])("%s, in a Deployment, a CronJob and alone", async (_, pod, text) => {
    const { settings } = parseInjectionSettings(text);
    const context = { settings, snapshot: empty, revision: "default", installNamespace: "istio-system" };
    const indented = (by: number) => pod.replaceAll("\n", `\n${" ".repeat(by)}`);
    const selector = /labels: (\{[^}]*\})/.exec(pod)?.[1];
    const yaml = [
      `apiVersion: v1\nkind: Pod${pod}`,
      `apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: d}\nspec:\n  selector: {matchLabels: ${selector}}\n  template:${indented(4)}`,
      `apiVersion: batch/v1\nkind: CronJob\nmetadata: {name: c}\nspec:\n  schedule: "* * * * *"\n  jobTemplate:\n    spec:\n      template:${indented(8).replace("spec:", "spec:\n          restartPolicy: Never")}`,
    ].join("\n---\n");
    const { text: made, told } = injectText(yaml, namespace, context);
    expect(told.map(({ outcome }) => outcome)).toEqual(["injected", "injected", "injected"]);
    const answer = await api.kubectl(["apply", "-n", namespace, "--dry-run=server", "-f", "-"], made);
    expect(answer.match(/created \(server dry run\)/g)).toHaveLength(3);
  });
});
