import { expect, it } from "vitest";
import { parseAllDocuments } from "yaml";
import { judge } from "../../../../src/analysis/judge.ts";
import type { ConfigFacts } from "../../../../src/api/contract/facts.ts";
import { parseText } from "../../../../src/sources/text/text.ts";
import { judgeForm } from "./checks.ts";
import { yamlOf } from "./edits.ts";
import type { About, Existing, Form } from "./form.ts";
import { wizards } from "./list.ts";

const reviews = {
  host: "reviews.default.svc.cluster.local",
  ...({ kind: "Service", namespace: "default", name: "reviews" } as const),
  ports: [{ number: 9080, name: "http", protocol: "http" }],
  versions: ["v1", "v2", "v3"].map((name) => ({ name, labels: { version: name } })),
  rules: [],
};
const facts: ConfigFacts = {
  namespaces: ["default", "istio-system"],
  services: [reviews],
  servicesLeft: 0,
  workloads: [
    {
      namespace: "default",
      name: "reviews-v1",
      labels: { app: "reviews", version: "v1" },
      serviceAccount: "bookinfo-reviews",
    },
  ],
  gateways: [{ type: "Gateway.gateway.networking.k8s.io", namespace: "default", name: "shop" }],
  gatewayClasses: ["istio"],
  ...({ trustDomain: "cluster.local", rootNamespace: "istio-system", writes: "overlay" } as const),
};
const about: About = { facts, namespace: "default", service: reviews, existing: [] };

const rule: Existing = {
  type: "DestinationRule.networking.istio.io",
  ...{ apiVersion: "networking.istio.io/v1", namespace: "default", name: "reviews" },
  yaml: `# versions of reviews
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: { name: reviews, namespace: default }
spec:
  host: reviews # by its short name
  subsets:
    - { name: one, labels: { version: v1 } }
`,
  spec: { host: "reviews", subsets: [{ name: "one", labels: { version: "v1" } }] },
};
const routes: Existing = {
  type: "VirtualService.networking.istio.io",
  ...{ apiVersion: "networking.istio.io/v1", namespace: "default", name: "reviews-route" },
  yaml: `apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: { name: reviews-route, namespace: default }
spec:
  hosts: [reviews]
  http:
    # testers
    - match: [{ headers: { end-user: { exact: jason } } }]
      route: [{ destination: { host: reviews, subset: one } }]
    - route: [{ destination: { host: reviews } }]
`,
  spec: {
    hosts: ["reviews"],
    http: [
      {
        match: [{ headers: { "end-user": { exact: "jason" } } }],
        route: [{ destination: { host: "reviews", subset: "one" } }],
      },
      { route: [{ destination: { host: "reviews" } }] },
    ],
  },
};

function written(id: string, change: Form = {}, of: About = about): string {
  const wizard = wizards.find((w) => w.id === id);
  if (!wizard) throw new Error(`there is no wizard ${id}`);
  return yamlOf(wizard.edits({ ...wizard.start(of), ...change }, of), of.existing);
}

// biome-ignore lint/suspicious/noExplicitAny: tests say what they expect of it
function objects(text: string): any[] {
  return parseAllDocuments(text).map((d) => d.toJS());
}

it.each(wizards.map((w) => w.id))(
  "%s: what it starts with, once it is complete, is an object that the mesh takes",
  (id) => {
    const complete: Readonly<Record<string, Form>> = {
      "request-routing": { rules: [{ what: "header", name: "end-user", how: "exact", value: "jason", version: "v2" }] },
    };
    const wizard = wizards.find((w) => w.id === id);
    const form = { ...wizard?.start(about), ...complete[id] };
    if (!wizard) throw new Error(`there is no form ${id}`);
    expect(judgeForm(wizard, form, about)).toEqual({ faults: [], whole: [] });
    for (const of of [about, { ...about, existing: [rule, routes] }]) {
      const { resources, diagnostics } = parseText("draft", written(id, complete[id], of), judge);
      expect(diagnostics.filter((d) => d.level === "Error")).toEqual([]);
      expect(resources.length).toBeGreaterThan(0);
      expect(wizard?.fields(form, of).length).toBeGreaterThan(1);
    }
  },
);

it("routes by header before what is there, and adds the subsets that are missing", () => {
  const form = { rules: [{ what: "header", name: "end-user", how: "exact", value: "ann", version: "v2" }] };
  const text = written("request-routing", { ...form, rest: "keep" }, { ...about, existing: [rule, routes] });
  const [subsets, route] = objects(text);
  expect(subsets.spec.subsets.map((s: { name: string }) => s.name)).toEqual(["one", "v2"]);
  expect(text).toContain("# versions of reviews");
  expect(text).toContain("host: reviews # by its short name");
  expect(route.metadata.name).toBe("reviews-route");
  expect(route.spec.http).toHaveLength(3);
  expect(route.spec.http[0].match[0].headers["end-user"].exact).toBe("ann");
  expect(route.spec.http[0].route[0].destination).toEqual({ host: "reviews", subset: "v2" });
});

it("shifts the default route alone, by the subsets' own names, and mirrors", () => {
  const weights = [
    { version: "v1", weight: "90" },
    { version: "v2", weight: "10" },
    { version: "v3", weight: "0" },
  ];
  const [, route] = objects(
    written("traffic-shifting", { weights, mirror: "v3", mirrored: "5" }, { ...about, existing: [rule, routes] }),
  );
  expect(route.spec.http[0].route).toEqual([{ destination: { host: "reviews", subset: "one" } }]);
  expect(route.spec.http[1]).toEqual({
    route: [
      { destination: { host: "reviews", subset: "one" }, weight: 90 },
      { destination: { host: "reviews", subset: "v2" }, weight: 10 },
    ],
    mirror: { host: "reviews", subset: "v3" },
    mirrorPercentage: { value: 5 },
  });
});

it("refuses shares that do not make a hundred", () => {
  const wizard = wizards.find((w) => w.id === "traffic-shifting");
  const weights = [
    { version: "v1", weight: "90" },
    { version: "v2", weight: "20" },
  ];
  expect(wizard?.problems?.({ weights }, about)).toEqual(["The shares make 110 %, and have to make 100 %."]);
});

it("keeps other TCP ports as they are", () => {
  const tcp: Existing = {
    ...routes,
    spec: {
      hosts: ["reviews"],
      tcp: [
        { match: [{ port: 1 }], route: [] },
        { match: [{ port: 9080 }], route: [] },
      ],
    },
  };
  const wizard = wizards.find((w) => w.id === "tcp-shifting");
  const of = { ...about, existing: [rule, tcp] };
  const edit = wizard?.edits(wizard.start(of), of).at(-1);
  expect(edit?.set.at(-1)?.[1]).toMatchObject([{ match: [{ port: 9080 }] }, { match: [{ port: 1 }] }]);
});

it("sets a fault on one route of several, leaves comments, and takes it away again", () => {
  const of = { ...about, existing: [rule, routes] };
  const text = written("fault-injection", { which: "1" }, of);
  expect(text).toContain("# testers");
  const [route] = objects(text);
  expect(route.spec.http[0].fault).toBeUndefined();
  expect(route.spec.http[1].fault).toEqual({ abort: { percentage: { value: 100 }, httpStatus: 503 } });
  const faulty = { ...routes, yaml: text, spec: route.spec };
  const [after] = objects(written("fault-injection", { abort: false }, { ...about, existing: [rule, faulty] }));
  expect(after.spec).toEqual(routes.spec);
});

it("keeps the traffic policy that a rule has beside the circuit breaker", () => {
  const of = {
    ...about,
    existing: [{ ...rule, spec: { ...rule.spec, trafficPolicy: { tls: { mode: "ISTIO_MUTUAL" } } } }],
  };
  const [changed] = objects(written("circuit-breaking", { errors: "" }, of));
  expect(changed.spec.trafficPolicy).toEqual({
    tls: { mode: "ISTIO_MUTUAL" },
    connectionPool: { tcp: { maxConnections: 100 }, http: { http1MaxPendingRequests: 10, http2MaxRequests: 100 } },
  });
});

it("makes backends of one match share by weight", () => {
  const row = { path: "/", method: "", header: "", timeout: "" };
  const rules = [
    { ...row, backend: "reviews", weight: "3" },
    { ...row, backend: "reviews:80", weight: "1" },
  ];
  const [route] = objects(written("http-route", { rules }));
  expect(route.spec.rules).toHaveLength(1);
  expect(route.spec.rules[0].backendRefs).toEqual([
    { name: "reviews", port: 9080, weight: 3 },
    { name: "reviews", port: 80, weight: 1 },
  ]);
});

it("writes a dry run as a dry run, and requires tokens by a policy beside", () => {
  const [policy] = objects(written("authorization", { selector: "app=reviews" }));
  expect(policy.metadata.annotations).toEqual({ "istio.io/dry-run": "true" });
  expect(policy.spec.selector.matchLabels).toEqual({ app: "reviews" });
  expect(objects(written("request-authentication")).map((o) => o.kind)).toEqual([
    "RequestAuthentication",
    "AuthorizationPolicy",
  ]);
});

it.each<[form: string, change: Form, at: string, says: string]>([
  ["authorization", { name: "No Pages" }, "name", "Small letters, digits and dashes"],
  ["authorization", { selector: "reviews" }, "selector", "Labels as app=reviews"],
  ["authorization", { rules: [{ paths: "shop" }] }, "rules/0/paths", "begin with /"],
  ["authorization", { rules: [{ ports: "80,x" }] }, "rules/0/ports", "Ports (1 to 65535)"],
  ["authorization", { rules: [{ from: "spiffe://a/ns/b/sa/c" }] }, "rules/0/from", "without spiffe://"],
  ["fault-injection", { delay: true, delayFor: "5" }, "delayFor", "A time with its unit"],
  ["fault-injection", { status: "99" }, "status", "200 to 599"],
  ["fault-injection", { abortShare: "101" }, "abortShare", "0 to 100"],
  ["timeouts", { timeout: "2 parsecs" }, "timeout", "A time with its unit"],
  ["timeouts", { attempts: "" }, "attempts", "Needed"],
  ["circuit-breaking", { connections: "many" }, "connections", "A whole number"],
  ["gateway", { servers: [{ port: "0", protocol: "HTTP", hosts: "*" }] }, "servers/0/port", "1 to 65535"],
  ["gateway", { servers: [{ port: "80", protocol: "HTTP", hosts: "a b" }] }, "servers/0/hosts", "Hosts between commas"],
  [
    "gateway",
    { servers: [{ port: "8443", protocol: "HTTPS", hosts: "*", tls: "SIMPLE" }] },
    "servers/0/credential",
    "Secret",
  ],
  ["http-route", { rules: [{ path: "x", backend: "reviews" }] }, "rules/0/path", "begins with /"],
  ["http-route", { rules: [{ path: "/", backend: "" }] }, "rules/0/backend", "Needed"],
  ["request-routing", { rules: [{ what: "header", name: "", value: "x" }] }, "rules/0/name", "Needed"],
  ["request-routing", { rules: [{ what: "uri", how: "prefix", value: "v2" }] }, "rules/0/value", "begins with /"],
  ["traffic-shifting", { weights: [{ version: "v1", weight: "1.5" }] }, "weights/0/weight", "A whole number"],
  ["request-authentication", { jwksUri: "issuer/keys" }, "jwksUri", "https://"],
  ["peer-authentication", { ports: [{ port: "80", mode: "STRICT" }] }, "selector", "need a selector"],
  ["service-entry", { hosts: "a.example\nb_c" }, "hosts", "b_c: A host"],
  ["sidecar", { hosts: "reviews" }, "hosts", "reviews: As namespace/host"],
])("%s: %o is told at %s", (id, change, at, says) => {
  const wizard = wizards.find((w) => w.id === id);
  if (!wizard) throw new Error(`there is no form ${id}`);
  const { faults } = judgeForm(wizard, { ...wizard.start(about), ...change }, about);
  expect(faults.find((f) => f.at === at)?.says).toContain(says);
});

it("begins with what holds now", () => {
  const start = (id: string, http: object) => {
    const spec = { hosts: ["reviews"], http: [{ route: [], ...http }] };
    const wizard = wizards.find((w) => w.id === id);
    return wizard?.start({ ...about, existing: [{ ...routes, spec }] });
  };
  const retries = { attempts: 5, perTryTimeout: "1s", retryOn: "5xx" };
  expect(start("timeouts", { timeout: "60s", retries })).toMatchObject({
    ...{ timeout: "60s", retry: true, attempts: "5", perTry: "1s", on: "5xx" },
  });
  expect(start("timeouts", { retries: { attempts: 0 } })).toMatchObject({ timeout: "", retry: false });
  expect(start("fault-injection", { fault: { delay: { percentage: { value: 3 }, fixedDelay: "7s" } } })).toMatchObject({
    ...{ delay: true, delayShare: "3", delayFor: "7s", abort: false },
  });
});
