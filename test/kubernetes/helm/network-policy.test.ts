import { join } from "node:path";
import { expect, test } from "vitest";
import type { Values } from "../../../src/install/chart.ts";
import { readCharts } from "../../../src/install/installation.ts";
import { render } from "../../../src/install/render.ts";
import { overlay } from "../../../src/install/values.ts";
import { ports } from "../../../src/main/cluster-ports.ts";

const { weft } = readCharts(join(import.meta.dirname, "../../../charts"));
const release = { name: "weft", namespace: "istio-system", service: "weft" };

interface Rendered {
  readonly kind: string;
  readonly metadata: { readonly name: string };
  readonly spec: {
    readonly podSelector?: { readonly matchLabels: Readonly<Record<string, string>> };
    readonly policyTypes?: readonly string[];
    readonly ingress?: readonly { readonly from?: unknown; readonly ports: readonly { readonly port: number }[] }[];
    readonly template?: { readonly metadata: { readonly labels: Readonly<Record<string, string>> } };
  };
}

const rendered = (values: Values) =>
  render(weft, overlay(weft.values, values), release) as unknown as readonly Rendered[];

test("there is none unless it is wished for", () => {
  expect(rendered({}).filter(({ kind }) => kind === "NetworkPolicy")).toEqual([]);
});

test.each(["", "canary"])("it lets in the control plane's own ports and no other (revision %j)", (revision) => {
  const objects = rendered({ networkPolicy: { enabled: true }, ...(revision === "" ? {} : { revision }) });
  const [policy, ...more] = objects.filter(({ kind }) => kind === "NetworkPolicy");
  expect(more).toEqual([]);
  expect(policy?.spec.policyTypes).toEqual(["Ingress"]);
  const open = policy?.spec.ingress?.flatMap((rule) => rule.ports.map(({ port }) => port)).sort();
  // Without the API and the console, which listen on loopback alone.
  expect(open).toEqual(Object.values(ports).sort());
  const chosen = Object.entries(policy?.spec.podSelector?.matchLabels ?? {});
  expect(chosen.length).toBeGreaterThan(0);
  const deployments = objects.filter(({ kind, spec }) => {
    const labels = spec?.template?.metadata.labels ?? {};
    return kind === "Deployment" && chosen.every(([key, value]) => labels[key] === value);
  });
  expect(deployments.map(({ metadata }) => metadata.name)).toEqual([policy?.metadata.name]);
});
