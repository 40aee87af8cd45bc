import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { parseAllDocuments, parse as parseYaml } from "yaml";
import type { Values } from "../../../src/install/chart.ts";
import { readCharts } from "../../../src/install/installation.ts";
import type { KubeObject } from "../../../src/install/object.ts";
import { render } from "../../../src/install/render.ts";
import { overlay } from "../../../src/install/values.ts";
import { howToGet, missingPrograms, program } from "../programs.ts";

const folder = mkdtempSync(join(tmpdir(), "weft-render-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const charts = join(import.meta.dirname, "../../../charts");
const { weft, crds } = readCharts(charts);
const missing = missingPrograms(["helm"]);
if (missing.length > 0) process.stderr.write(`no helm here: comparison with it is skipped (${howToGet(missing)})\n`);

const valueSets: Readonly<Record<string, Values>> = {
  "as they are": {},
  "profile demo": profile("demo"),
  "profile minimal": profile("minimal"),
  "another revision": { revision: "canary", revisionTags: ["prod", "default"] },
  "a revision with what all share": { revision: "1-2-3", shared: true },
  "nothing shared": { shared: false },
  "images of a registry": {
    image: { hub: "registry.example:5000/mesh", tag: "2.0.0@sha256:00", pullPolicy: "Always" },
    imagePullSecrets: ["pull-one", "pull-two"],
  },
  "a control plane with everything": {
    controlPlane: {
      autoscaling: { enabled: true, maxReplicas: 9 },
      podDisruptionBudget: { minAvailable: "50%" },
      priorityClassName: "system-cluster-critical",
      nodeSelector: { "kubernetes.io/os": "linux" },
      tolerations: [{ key: "dedicated", operator: "Equal", value: "yes", effect: "NoSchedule" }],
      affinity: { nodeAffinity: { preferredDuringSchedulingIgnoredDuringExecution: [] } },
      topologySpreadConstraints: [{ maxSkew: 2, topologyKey: "rack", whenUnsatisfiable: "DoNotSchedule" }],
      podAnnotations: { note: 'with "quotes": and {braces}', number: "0x10" },
      podLabels: { team: "on" },
      env: { NODE_OPTIONS: "--max-old-space-size=700", EMPTY: "", TRUE: "true" },
      terminationGracePeriodSeconds: 60,
    },
    networkPolicy: { enabled: true },
  },
  "a console for people of an issuer": {
    console: {
      access: { publicUrl: "https://mesh.example.com", rights: "kubernetes", oidc: { clientId: "weft" } },
      secret: "weft-oidc",
      address: "0.0.0.0",
      impersonation: { users: ["ann@example.com"], groups: ["shop", "sre"] },
    },
    traces: "tempo+http://tempo.o11y:3200",
    networkPolicy: { enabled: true },
  },
  "a console whose access file is in a Secret": { console: { secret: "weft-access" } },
  "a MeshConfig with all kinds of values": {
    meshConfig: {
      accessLogFile: "/dev/stdout",
      accessLogFormat: '[%START_TIME%] "%REQ(:METHOD)%"\nsecond line\n',
      defaultConfig: { concurrency: 0, holdApplicationUntilProxyStarts: true, proxyMetadata: { A: "1e3", B: "yes" } },
      outboundTrafficPolicy: { mode: "REGISTRY_ONLY" },
      extensionProviders: [{ name: "otel", opentelemetry: { service: "otel.o11y.svc", port: 4317 } }],
      discoverySelectors: [],
    },
  },
  "no webhooks": { webhooks: { injection: false, validation: false } },
  "webhooks that leave namespaces out": { webhooks: { excludedNamespaces: ["ops", "123"], timeoutSeconds: 3 } },
  "secrets elsewhere": {
    secrets: { namespaces: ["shop", "bank"] },
    gatewayController: false,
    gatewayClasses: ["weft"],
  },
  "no gateway": { gateways: [], gatewayClasses: [] },
  "gateways with everything": {
    gateways: [
      {
        name: "edge",
        labels: { istio: "ingressgateway", zone: "dmz" },
        replicas: 3,
        serviceType: "NodePort",
        serviceAnnotations: { "lb.example/type": "internal" },
        externalTrafficPolicy: "Local",
        loadBalancerSourceRanges: ["10.0.0.0/8"],
        ports: [{ name: "tls", port: 8443, targetPort: 8443, protocol: "TCP" }],
        podAnnotations: { a: "b" },
        priorityClassName: "edge",
        nodeSelector: { edge: "true" },
        tolerations: [{ operator: "Exists" }],
        affinity: { podAntiAffinity: {} },
        resources: { requests: { cpu: "1", memory: "1Gi" } },
        minAvailable: 2,
      },
      { name: "second", autoscaling: { minReplicas: 4 } },
    ],
  },
  "CNI that deletes": {
    image: { tag: "2.0.0", pullPolicy: "Always" },
    imagePullSecrets: ["pull"],
    cni: { enabled: true, repair: "delete", excludeNamespaces: ["legacy", "monitoring"], priorityClassName: "" },
  },
  "CNI of another revision": { revision: "canary", cni: { enabled: true } },
  CNI: { cni: { enabled: true, binDir: "/var/lib/cni/bin", tolerations: [], nodeSelector: { a: "b" } } },
};

describe.skipIf(missing.length > 0 && process.env["CI"] === undefined)("the charts, by Helm and by Weft", () => {
  test.each(Object.entries(valueSets))("%s", (name, values) => {
    const file = join(folder, `${name.replaceAll(" ", "-")}.json`);
    writeFileSync(file, JSON.stringify(values));
    const release = { name: "weft", namespace: "istio-system", service: "Helm" };
    const ours = render(weft, overlay(weft.values, values), release);
    expect(comparable(ours)).toEqual(comparable(helm("weft", "-f", file)));
  });

  test.each([{}, { istio: false }, { gatewayAPI: false, weft: false }])("definitions of kinds: %j", (values) => {
    const sets = Object.entries(values).flatMap(([key, value]) => ["--set", `${key}=${value}`]);
    const release = { name: "weft", namespace: "istio-system", service: "Helm" };
    expect(comparable(render(crds, overlay(crds.values, values), release))).toEqual(
      comparable(helm("weft-crds", ...sets)),
    );
  });
});

function profile(name: string): Values {
  return parseYaml(readFileSync(join(charts, "weft/profiles", `${name}.yaml`), "utf8")) as Values;
}

function helm(chart: string, ...args: readonly string[]): readonly KubeObject[] {
  const options = ["template", "weft", join(charts, chart), "-n", "istio-system", "--kube-version", "1.34.0", ...args];
  const text = execFileSync(program("helm"), options, {
    encoding: "utf8",
    maxBuffer: 1 << 28,
    stdio: ["ignore", "pipe", "pipe"],
  });
  return parseAllDocuments(text, { version: "1.1" })
    .map((document) => document.toJS() as KubeObject | null)
    .filter((object) => object !== null);
}

/** By name, as Helm has an order of its own; and YAML in ConfigMaps read, as it may be written in several ways. */
function comparable(objects: readonly KubeObject[]): Readonly<Record<string, unknown>> {
  const entries = objects.map((object) => {
    const { apiVersion, kind, metadata } = object;
    const key = `${apiVersion} ${kind} ${metadata.namespace ?? ""}/${metadata.name}`;
    if (kind !== "ConfigMap") return [key, object] as const;
    const data = Object.entries(object["data"] as Record<string, string>).map(([k, text]) => [k, parseYaml(text)]);
    return [key, { ...object, data: Object.fromEntries(data) as unknown }] as const;
  });
  expect(new Set(entries.map(([key]) => key)).size).toBe(entries.length);
  return Object.fromEntries(entries);
}
