import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { parse, parseAllDocuments, stringify } from "yaml";
import { judgeForm } from "../../console/src/config/wizards/checks.ts";
import { yamlOf } from "../../console/src/config/wizards/edits.ts";
import type { About, Existing, Form } from "../../console/src/config/wizards/form.ts";
import { wizards } from "../../console/src/config/wizards/list.ts";
import type { ConfigFacts, FactService } from "../../src/api/contract/facts.ts";
import { decodeResource } from "../../src/main/decode.ts";
import { configOf } from "../proxy/mesh.ts";

// Each form beside Kiali's: for the same words of a user, proxies get the same of both, byte for byte of what they are sent.

interface Case {
  readonly form: string;
  readonly said: string;
  readonly service?: string;
  readonly namespace?: string;
  readonly input: Form;
  readonly kiali: readonly KialiObject[];
  /** Why proxies get something else on purpose; then only these paths are the same. */
  readonly differs?: string;
  readonly same?: readonly string[];
}

interface KialiObject {
  readonly kind: string;
  readonly group?: string;
  readonly name: string;
  readonly namespace?: string;
  readonly spec: object;
}

interface KubeObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string };
  readonly spec: Existing["spec"];
}

const read = (name: string) => readFileSync(join(import.meta.dirname, "kiali", name), "utf8");
const cases = parse(read("forms.yaml")) as readonly Case[];
const base = objectsIn(read("mesh.yaml"));

const versions = ["v1", "v2"].map((name) => ({ name, labels: { version: name } }));
const service = (name: string, port: number, protocol: string): FactService => ({
  host: `${name}.default.svc.cluster.local`,
  ...({ kind: "Service", namespace: "default", name, versions, rules: [] } as const),
  ports: [{ number: port, name: protocol, protocol }],
});
const services = [service("reviews", 9080, "http"), service("db", 9000, "tcp"), service("orders", 7070, "grpc")];
const facts: ConfigFacts = {
  ...{ namespaces: ["default", "other", "istio-system"], services, servicesLeft: 0, workloads: [] },
  gateways: [{ type: "Gateway.gateway.networking.k8s.io", namespace: "default", name: "front" }],
  ...{ gatewayClasses: ["istio"], trustDomain: "cluster.local", rootNamespace: "istio-system", writes: "overlay" },
};

/** Everybody whom a form may concern: who calls, who is called, both kinds of gateways. */
const proxies = [
  "proxy: {name: page-v1, labels: {app: page}}",
  "proxy: {name: reviews-v1, labels: {app: reviews}}",
  "proxy: {kind: router, namespace: istio-system, name: gateway, labels: {istio: ingressgateway}}",
  "proxy: {kind: router, name: front-istio, labels: {gateway.networking.k8s.io/gateway-name: front}}",
];

const asItIs = sent(base);

it("has a case of each form", () => {
  expect([...new Set(cases.map((c) => c.form))].sort()).toEqual(wizards.map((w) => w.id).sort());
});

it.each(cases)("$form: $said", (one) => {
  const ours = objectsIn(written(one));
  const theirs = one.kiali.map(({ kind, group = groups[kind], name, namespace = "default", spec }) => ({
    ...{ apiVersion: `${group}/v1`, kind, metadata: { name, namespace }, spec: spec as Existing["spec"] },
  }));
  if (one.differs !== undefined) {
    expect(sent([...base, ...ours])).not.toEqual(sent(over(base, theirs)));
    for (const path of one.same ?? []) {
      const [object] = theirs;
      const own = ours.find((o) => o.kind === object?.kind);
      expect(own, path).toBeDefined();
      expect(at(own, path), path).toEqual(at(object, path));
    }
    return;
  }
  const here = sent(over(base, ours));
  expect(here, "it does nothing").not.toEqual(asItIs);
  expect(here).toEqual(sent(over(base, theirs)));
});

const networking = "networking.istio.io";
const security = "security.istio.io";
const groups: Readonly<Record<string, string>> = {
  ...{ VirtualService: networking, DestinationRule: networking, Gateway: networking, ServiceEntry: networking },
  ...{ Sidecar: networking, AuthorizationPolicy: security, PeerAuthentication: security },
  ...{
    RequestAuthentication: security,
    HTTPRoute: "gateway.networking.k8s.io",
    GRPCRoute: "gateway.networking.k8s.io",
  },
  ReferenceGrant: "gateway.networking.k8s.io",
};

/** What our form writes. */
function written({ form: id, service: name = "reviews", namespace = "default", input }: Case): string {
  const wizard = wizards.find((w) => w.id === id);
  const service = services.find((s) => s.name === name);
  if (!wizard || !service) throw new Error(`no form ${id}, or no service ${name}`);
  const existing = base.filter(
    (o) => ["VirtualService", "DestinationRule"].includes(o.kind) && o.metadata.name === name,
  );
  const about: About = { facts, namespace, service, existing: existing.map(existingOf) };
  const form = { ...wizard.start(about), ...input };
  expect(judgeForm(wizard, form, about)).toEqual({ faults: [], whole: [] });
  return yamlOf(wizard.edits(form, about), about.existing);
}

function existingOf(object: KubeObject): Existing {
  const { apiVersion, kind, metadata, spec } = object;
  const [group] = apiVersion.split("/");
  return {
    type: `${kind}.${group}`,
    apiVersion,
    namespace: "default",
    name: metadata.name,
    yaml: stringify(object),
    spec,
  };
}

function objectsIn(text: string): readonly KubeObject[] {
  return parseAllDocuments(text).map((d) => d.toJS() as KubeObject);
}

/** Objects with others in place of those of the same name. */
function over(objects: readonly KubeObject[], others: readonly KubeObject[]): readonly KubeObject[] {
  const key = ({ apiVersion, kind, metadata: { name, namespace = "default" } }: KubeObject) =>
    `${apiVersion}/${kind}/${namespace}/${name}`;
  const taken = new Set(others.map(key));
  return [...objects.filter((o) => !taken.has(key(o))), ...others];
}

/** All that each of the proxies is sent. */
function sent(objects: readonly KubeObject[]): unknown {
  const text = objects.map((o) => stringify(o)).join("---\n");
  return proxies.map((proxy) =>
    [...configOf(text, proxy)].map(([type, { resources }]) => [
      type,
      [...resources.values()].map((r) => [r.name, decodeResource(type, r.body)]),
    ]),
  );
}

function at(value: unknown, path: string): unknown {
  return path
    .split(".")
    .reduce<unknown>((inner, step) => (inner as Record<string, unknown> | undefined)?.[step], value);
}
