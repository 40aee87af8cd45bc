import fc from "fast-check";
import { expect, test } from "vitest";
import { validateObject } from "../../src/analysis/validate/object.ts";
import type { Resource } from "../../src/model/resource.ts";
import { parseText } from "../../src/sources/text/text.ts";

/** One rich object of each kind, valid as it stands. */
const objects = parseText(
  "a.yaml",
  `
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: a}
spec:
  hosts: [a.example.com, "*.b.example.com"]
  gateways: [mesh, istio-system/gw]
  exportTo: ["."]
  http:
  - name: x
    match: [{uri: {prefix: /a}, headers: {h: {regex: "a+"}}, sourceLabels: {app: a}, port: 80, gateways: [ns/g]}]
    route: [{destination: {host: a, subset: v1, port: {number: 80}}, weight: 90, headers: {request: {set: {x: "%START_TIME%"}}}}, {destination: {host: b}, weight: 10}]
    retries: {attempts: 2, retryOn: "5xx,503", perTryTimeout: 1s}
    fault: {delay: {fixedDelay: 1s, percentage: {value: 10}}, abort: {httpStatus: 503}}
    corsPolicy: {allowOrigins: [{exact: "*"}], allowMethods: [GET], maxAge: 10s}
    timeout: 5s
    mirrors: [{destination: {host: c}, percentage: {value: 1}}]
  - redirect: {uri: /b, redirectCode: 301}
  tcp: [{match: [{port: 1, destinationSubnets: [10.0.0.0/8]}], route: [{destination: {host: a}}]}]
  tls: [{match: [{sniHosts: [a.example.com], port: 443}], route: [{destination: {host: a}}]}]
---
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: a}
spec:
  host: a
  trafficPolicy:
    connectionPool: {tcp: {maxConnections: 1, connectTimeout: 1s}, http: {http2MaxRequests: 1, http2KeepAlive: {interval: 1s, timeout: 1s}}}
    loadBalancer: {consistentHash: {httpCookie: {name: c, ttl: 0s}}, localityLbSetting: {distribute: [{from: a/*, to: {b/*: 100}}]}}
    outlierDetection: {consecutive5xxErrors: 1, interval: 1s}
    tls: {mode: SIMPLE, caCertificates: x}
    portLevelSettings: [{port: {number: 1}, tls: {mode: DISABLE}}]
  subsets: [{name: v1, labels: {v: "1"}, trafficPolicy: {tunnel: {targetHost: a, targetPort: 1}}}]
---
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: {name: a}
spec: {selector: {a: b}, servers: [{port: {number: 443, name: h, protocol: HTTPS}, hosts: [ns/*.example.com], tls: {mode: SIMPLE, credentialName: c, cipherSuites: [AES128-SHA]}}]}
---
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: {name: a}
spec: {hosts: [a.example.com], addresses: [1.2.3.4], ports: [{number: 80, name: http, protocol: HTTP}], resolution: STATIC, endpoints: [{address: 1.2.3.4, ports: {http: 8080}, labels: {a: b}}]}
---
apiVersion: networking.istio.io/v1
kind: Sidecar
metadata: {name: a}
spec:
  workloadSelector: {labels: {a: b}}
  ingress: [{port: {number: 1, name: h, protocol: HTTPS}, defaultEndpoint: "127.0.0.1:80", tls: {mode: SIMPLE, serverCertificate: a, privateKey: b}}]
  egress: [{hosts: ["*/*", "~ns/*"], port: {number: 0, protocol: HTTP}, bind: "unix:///x"}, {hosts: ["./*"]}]
  outboundTrafficPolicy: {mode: ALLOW_ANY, egressProxy: {host: a.b, port: {number: 1}}}
---
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: a}
spec: {action: DENY, selector: {matchLabels: {a: b}}, rules: [{from: [{source: {ipBlocks: [10.0.0.0/8]}}], to: [{operation: {ports: ["80"], paths: ["/{*}/x"]}}], when: [{key: "request.headers[a]", values: [x]}]}]}
---
apiVersion: security.istio.io/v1
kind: RequestAuthentication
metadata: {name: a}
spec: {jwtRules: [{issuer: a, jwks: '{"keys": [{"kty": "RSA"}]}', fromHeaders: [{name: a}], outputClaimToHeaders: [{header: a, claim: b}]}]}
---
apiVersion: security.istio.io/v1
kind: PeerAuthentication
metadata: {name: a}
spec: {selector: {matchLabels: {a: b}}, mtls: {mode: STRICT}, portLevelMtls: {"80": {mode: DISABLE}}}
---
apiVersion: telemetry.istio.io/v1
kind: Telemetry
metadata: {name: a}
spec: {metrics: [{providers: [{name: p}], overrides: [{match: {metric: REQUEST_COUNT}, tagOverrides: {a: {value: b}}}]}], tracing: [{randomSamplingPercentage: 1, customTags: {a: {literal: {value: b}}}}], accessLogging: [{filter: {expression: "response.code >= 400"}}]}
---
apiVersion: extensions.istio.io/v1alpha1
kind: WasmPlugin
metadata: {name: a}
spec: {url: "https://a/b.wasm", vmConfig: {env: [{name: a, value: b}]}, match: [{ports: [{number: 80}]}]}
---
apiVersion: networking.istio.io/v1alpha3
kind: EnvoyFilter
metadata: {name: a}
spec: {configPatches: [{applyTo: HTTP_FILTER, match: {context: ANY, proxy: {proxyVersion: "1.*"}, listener: {filterChain: {filter: {name: envoy.filters.network.http_connection_manager, subFilter: {name: r}}}}}, patch: {operation: MERGE, value: {name: b}}}]}
---
apiVersion: networking.istio.io/v1
kind: WorkloadGroup
metadata: {name: a}
spec: {template: {address: 1.2.3.4}, probe: {httpGet: {port: 80, httpHeaders: [{name: a, value: b}]}}}
---
apiVersion: v1
kind: Service
metadata: {name: a}
spec: {selector: {a: b}, ports: [{port: 80, name: http, targetPort: web}, {port: 81, name: b}]}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: a}
spec: {replicas: 1, selector: {matchLabels: {a: b}}, template: {metadata: {labels: {a: b}}, spec: {containers: [{name: c, ports: [{containerPort: 80}]}]}}}
---
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: {name: a}
spec: {parentRefs: [{name: g}], rules: [{matches: [{path: {value: /a}}], filters: [{type: RequestRedirect, requestRedirect: {path: {type: ReplacePrefixMatch, replacePrefixMatch: /b}}}]}]}
`,
).resources;

const strange = fc.oneof(
  fc.constantFrom<unknown>(
    null,
    "",
    0,
    -1,
    1e20,
    1.5,
    true,
    [],
    {},
    [null],
    [{}],
    [[]],
    "*",
    "~/x",
    "unix://",
    "(?=",
    "%",
    "://",
    "5s",
    "a".repeat(300),
    "1024",
  ),
  fc.jsonValue({ maxDepth: 2 }),
);
const edit = fc.record({
  at: fc.array(fc.nat(30), { maxLength: 8 }),
  value: strange,
  key: fc.constantFrom("", "x", "__proto__", "constructor", "a/b"),
  how: fc.constantFrom("set", "drop", "add"),
});

/** A copy in which one place, found by going down `at`, is another. */
function edited(value: unknown, at: readonly number[], e: { value: unknown; key: string; how: string }): unknown {
  if (at.length === 0 || typeof value !== "object" || value === null)
    return e.how === "add" ? [value, e.value] : e.value;
  const [step = 0, ...rest] = at;
  if (Array.isArray(value))
    return value.length === 0 ? [e.value] : value.map((v, i) => (i === step % value.length ? edited(v, rest, e) : v));
  const entries = Object.entries(value);
  const i = entries.length === 0 ? 0 : step % entries.length;
  if (rest.length === 0 && e.how === "drop") return Object.fromEntries(entries.filter((_, j) => j !== i));
  if (rest.length === 0 && e.how === "add") return Object.fromEntries([...entries, [e.key, e.value]]);
  return Object.fromEntries(entries.map(([k, v], j) => [k, j === i ? edited(v, rest, e) : v]));
}

test("the objects are valid as they stand", () => {
  expect(objects).toHaveLength(15);
  for (const object of objects) expect(validateObject(object).filter((d) => d.level === "Error")).toEqual([]);
});

test("of two ports without a number each is told, and no pair of them", () => {
  const service = objects.find(({ type }) => type === "Service") as Resource;
  const spec = { ports: [{ name: "a" }, { name: "b", port: null }] };
  const messages = validateObject({ ...service, spec }).map((d) => d.message);
  expect(messages.filter((message) => message.includes("undefined") || message.includes("Duplicate"))).toEqual([]);
  expect(messages.length).toBeGreaterThan(1);
});

test("whatever an object holds, validation answers and never throws", () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...objects),
      fc.array(edit, { minLength: 1, maxLength: 3 }),
      (object: Resource, edits) => {
        const spec = edits.reduce((s, e) => edited(s, e.at, e), object.spec);
        for (const d of validateObject({ ...object, spec })) {
          expect(d.message).not.toBe("");
          expect(d.message).not.toContain("undefined");
        }
      },
    ),
    { numRuns: 3000 },
  );
});
