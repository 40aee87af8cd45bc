import { describe, expect, test } from "vitest";
import { crdOf, crdTypes, type Schema, schemaOf } from "../../gen/crds.ts";
import { formatDiagnostic } from "../../model/diagnostic.ts";
import { isNamespaced, knownTypes } from "../../model/kinds.ts";
import type { Resource } from "../../model/resource.ts";
import { validateAsIstio, validateObject } from "./object.ts";
import { ruleOf } from "./schema/cel.ts";

function object(type: string, spec: unknown, more: Partial<Resource> = {}): Resource {
  const origin = {
    file: "a.yaml",
    line: 1,
    column: 1,
    at: "a.yaml:1:1",
    locate: () => ({ file: "a.yaml", line: 1, column: 1 }),
  };
  const group = type.slice(type.indexOf(".") + 1);
  return {
    type,
    namespace: "default",
    name: "a",
    apiVersion: type.includes(".") ? `${group}/v1` : "v1",
    labels: {},
    annotations: {},
    createdAt: 0,
    generation: 1,
    spec,
    origin,
    ...more,
  };
}

function told(resource: Resource): string[] {
  return validateObject(resource).map(formatDiagnostic);
}

const vs = (http: unknown, rest: object = {}): Resource =>
  object("VirtualService.networking.istio.io", { hosts: ["reviews"], http, ...rest });
const to = (host: string, weight?: number): object => ({
  destination: { host },
  ...(weight === undefined ? {} : { weight }),
});

describe("messages say what is wrong and how to mend it", () => {
  test.each<[string, Resource, string]>([
    [
      "unknown field",
      object("VirtualService.networking.istio.io", { hosts: ["a"], htttp: [] }),
      'error WEFT0012 spec.htttp: unknown field "htttp" in VirtualService.spec; did you mean "http"?',
    ],
    [
      "wrong type",
      vs([{ route: [{ destination: { host: "a", port: { number: "80" } } }] }]),
      'error WEFT0011 spec.http[0].route[0].destination.port.number: Invalid value: "80": spec.http[0].route[0].destination.port.number in body must be of type integer: "string"; write it without quotes: 80',
    ],
    [
      "missing field",
      vs([{ route: [{ weight: 1 }] }]),
      'error WEFT0013 spec.http[0].route[0].destination: Required value; write "destination:"',
    ],
    [
      "enum",
      object("PeerAuthentication.security.istio.io", { mtls: { mode: "STRICTT" } }),
      'error WEFT0014 spec.mtls.mode: Unsupported value: "STRICTT": supported values: "UNSET", "DISABLE", "PERMISSIVE", "STRICT"; did you mean "STRICT"?',
    ],
    [
      "duration",
      vs([{ route: [to("a")], timeout: "5 seconds" }]),
      'error WEFT0017 spec.http[0].timeout: Invalid value: "5 seconds": must be a valid duration greater than 1ms; write for example "5s" or "250ms"',
    ],
    [
      "regex",
      vs([{ match: [{ uri: { regex: "(?=a)" } }], route: [to("a")] }]),
      'error WEFT0016 spec.http[0].match[0].uri.regex: "uri": RE2 refuses "(?=a)": invalid perl operator: (?=; RE2 has no lookaround: write it without',
    ],
    [
      "weights",
      vs([{ route: [to("a", 0), to("b", 0)] }]),
      "error IST0106 spec.http[0].route: total destination weight = 0; give each destination a weight, for example 90 and 10",
    ],
    [
      "localities",
      object("DestinationRule.networking.istio.io", {
        host: "a",
        trafficPolicy: {
          loadBalancer: { localityLbSetting: { distribute: [{ from: "r/*", to: { "r/*": 60, s: 30 } }] } },
        },
      }),
      "error IST0106 spec.trafficPolicy.loadBalancer.localityLbSetting.distribute[0].to: total locality weight 90 != 100; make the weights add up to 100",
    ],
    [
      "version",
      object("VirtualService.networking.istio.io", {}, { apiVersion: "networking.istio.io/v2" }),
      "error WEFT0008 apiVersion: there is no version v2 of VirtualService; write networking.istio.io/v1 or networking.istio.io/v1alpha3 or networking.istio.io/v1beta1",
    ],
    [
      "no spec",
      object("WorkloadGroup.networking.istio.io", undefined),
      'error WEFT0013 spec: Required value; write "spec:"',
    ],
    [
      "top-level field",
      object("Sidecar.networking.istio.io", { egress: [{ hosts: ["./*"] }] }, { data: { specc: {} } }),
      'error WEFT0012 specc: unknown field "specc" in Sidecar; did you mean "spec"?',
    ],
    [
      "Service port",
      object("Service", { ports: [{ port: 99999 }] }),
      "error WEFT0014 spec.ports[0].port: 99999 is not a port; write a port from 1 to 65535",
    ],
    [
      "Service field",
      object("Service", { selectr: {}, ports: [{ port: 1 }] }),
      'error WEFT0012 spec.selectr: unknown field "selectr" in Service.spec; did you mean "selector"?',
    ],
    [
      "Deployment labels",
      object("Deployment.apps", {
        selector: { matchLabels: { app: "a" } },
        template: { metadata: { labels: { app: "b" } }, spec: { containers: [{ name: "c" }] } },
      }),
      `error IST0106 spec.template.metadata.labels: selector app=a does not match the template's labels; write "app: a" under template.metadata.labels`,
    ],
  ])("%s", (_what, resource, expected) => {
    expect(told(resource)).toEqual([expected]);
  });

  test("a Secret's value is never shown", () => {
    const all = told(object("Secret", undefined, { data: { data: { key: "not base64, but secret!" } } })).join();
    expect(all).toContain("data.key: the value is not base64");
    expect(all).not.toContain("secret!");
  });
});

describe("warnings refuse nothing", () => {
  test("unreachable and overlapping routes", () => {
    const all = validateObject(
      vs([
        { name: "all", match: [{ uri: { prefix: "/a" } }], route: [to("a")] },
        { match: [{ uri: { prefix: "/a/b" } }], route: [to("a")] },
        { match: [{ uri: { prefix: "/a" } }], route: [to("b")] },
        { route: [to("a")] },
        { route: [to("b")] },
      ]),
    );
    expect(all.map((d) => [d.level, d.code, d.path?.join(".")])).toEqual([
      ["Info", "IST0131", "spec.http.2.match.0"],
      ["Warning", "IST0130", "spec.http.2"],
      ["Warning", "IST0130", "spec.http.4"],
      ["Info", "IST0131", "spec.http.1.match.0"],
    ]);
  });

  test("a DENY rule of HTTP attributes alone", () => {
    const policy = object("AuthorizationPolicy.security.istio.io", {
      action: "DENY",
      rules: [{ to: [{ operation: { methods: ["POST"] } }] }],
    });
    expect(validateObject(policy).map((d) => d.level)).toEqual(["Warning"]);
  });
});

describe("as Istio alone judges", () => {
  test("a field that the schema requires is told in Istio's words", () => {
    const route = vs([{ route: [{ weight: 0 }, { destination: {}, weight: 0 }] }]);
    expect(validateAsIstio(route).map((d) => d.message)).toEqual([
      "destination is required",
      "empty domain name not allowed",
      "total destination weight = 0",
    ]);
    expect(validateAsIstio(object("ServiceEntry.networking.istio.io", undefined)).map((d) => d.message)).toEqual([
      "service entry must have at least one host",
    ]);
  });

  test("what it could not decode has the schema's findings, and other kinds have none", () => {
    expect(validateAsIstio(vs("no list")).map((d) => d.code)).toEqual(["WEFT0011"]);
    expect(validateAsIstio(object("Service", { selectr: 1 }))).toEqual([]);
  });
});

describe("the data behind it", () => {
  test("every kind with a schema is a known kind of the same scope", () => {
    expect(crdTypes().filter((type) => !knownTypes.includes(type))).toEqual([]);
    expect(isNamespaced("GatewayClass.gateway.networking.k8s.io")).toBe(false);
    expect(isNamespaced("VirtualService.networking.istio.io")).toBe(true);
  });

  test("every CEL rule of every schema can be parsed", () => {
    const rules = new Set<string>();
    const walk = (schema: Schema): void => {
      for (const { rule } of schema["x-kubernetes-validations"] ?? []) rules.add(rule);
      for (const part of Object.values(schema.properties ?? {})) walk(part);
      for (const part of [schema.items, schema.additionalProperties]) if (typeof part === "object") walk(part);
    };
    for (const type of crdTypes())
      for (const version of ["v1", "v1beta1", "v1alpha3", "v1alpha1"]) walk(schemaOf(type, version) ?? {});
    expect(rules.size).toBeGreaterThan(100);
    for (const rule of rules) expect(() => ruleOf(rule)).not.toThrow();
  });

  test("an HTTPRoute is judged with its schema's defaults", () => {
    const route = object("HTTPRoute.gateway.networking.k8s.io", {
      parentRefs: [{ name: "g" }],
      rules: [{ backendRefs: [{ name: "s", port: 80 }] }],
    });
    expect(told(route)).toEqual([]);
    const noPort = object("HTTPRoute.gateway.networking.k8s.io", { rules: [{ backendRefs: [{ name: "s" }] }] });
    expect(told(noPort).join()).toContain("Must have port for Service reference");
  });
});

test.each(crdTypes().filter((type) => type.includes(".")))("%s without a spec is judged", (type) => {
  const apiVersion = `${type.slice(type.indexOf(".") + 1)}/${Object.keys(crdOf(type)?.versions ?? {})[0]}`;
  expect(validateObject(object(type, undefined, { apiVersion })).every((d) => d.message !== "")).toBe(true);
});
