import { types } from "../../src/model/types.ts";
import type { Dice } from "./dice.ts";
import { type Make, names, namespaces, object, outside } from "./random-object.ts";

// Routes of Gateway API at services and at Gateways, with filters of all kinds and backends that may not be there.

const port = (dice: Dice) => dice.one([80, 443, 3306, 9000]);
const service = (dice: Dice) => ({ group: "", kind: "Service", name: dice.one(names) });
const parent = (dice: Dice) => ({
  ...dice.one([
    { ...service(dice), namespace: dice.chance(dice.one(namespaces)) },
    { group: "networking.istio.io", kind: "ServiceEntry", name: dice.one(names) },
    { name: dice.one(names), namespace: dice.chance("a"), sectionName: dice.chance("http", 4) },
  ]),
  port: dice.chance(port(dice), 3),
});

const backendRef = (dice: Dice) =>
  dice.one([
    { name: dice.one(names), namespace: dice.chance(dice.one(namespaces), 3), port: port(dice) },
    { group: "networking.istio.io", kind: "Hostname", name: dice.one(outside), port: port(dice) },
    { group: "a.example", kind: "Bucket", name: "b", port: 80 },
  ]);

const headers = (dice: Dice) => ({
  set: dice.chance([{ name: "x-set", value: dice.one(["a", "100%"]) }]),
  add: dice.chance([{ name: "x-add", value: "b" }]),
  remove: dice.chance(["x-gone"]),
});

const shared = (dice: Dice) =>
  dice.one([
    { type: "RequestHeaderModifier", requestHeaderModifier: headers(dice) },
    { type: "ResponseHeaderModifier", responseHeaderModifier: headers(dice) },
    { type: "RequestMirror", requestMirror: { backendRef: backendRef(dice), percent: dice.chance(50) } },
    { type: "ExtensionRef", extensionRef: { group: "a.example", kind: "A", name: "a" } },
  ]);

const path = (dice: Dice) =>
  dice.one([
    { type: "ReplaceFullPath", replaceFullPath: "/full" },
    { type: "ReplacePrefixMatch", replacePrefixMatch: dice.one(["/", "", "/new", "/new/"]) },
  ]);

const httpFilter = (dice: Dice) =>
  dice.one([
    shared(dice),
    shared(dice),
    { type: "URLRewrite", urlRewrite: { hostname: dice.chance("a.example"), path: dice.chance(path(dice)) } },
    { type: "CORS", cors: { allowOrigins: [dice.one(["*", "https://*.a.example", "https://a.example"])] } },
    {
      type: "RequestRedirect",
      requestRedirect: {
        scheme: dice.chance("https"),
        hostname: dice.chance("a.example"),
        port: dice.chance(8443),
        path: dice.chance(path(dice)),
      },
    },
  ]);

const httpMatch = (dice: Dice) => ({
  path: dice.one([
    undefined,
    { value: dice.one(["/", "/a", "/a/", "/a/b"]) },
    { type: "Exact", value: "/a" },
    { type: "RegularExpression", value: dice.one(["/a.*", "["]) },
  ]),
  method: dice.chance("GET", 4),
  headers: dice.chance([{ name: "x", value: "y" }], 4),
  queryParams: dice.chance([{ name: "q", value: "v" }], 4),
});

const several = <T>(dice: Dice, make: (dice: Dice) => T): readonly T[] =>
  Array.from({ length: dice.number(3) }, () => make(dice));

const backend = (filter: (dice: Dice) => unknown) => (dice: Dice) => ({
  ...backendRef(dice),
  weight: dice.chance(dice.one([0, 1, 7])),
  filters: dice.chance([filter(dice)], 3),
});

const common = (dice: Dice) => ({
  parentRefs: dice.one([[parent(dice)], [parent(dice), parent(dice)]]),
  hostnames: dice.chance([dice.one(["a.example", "*.b.example"])], 3),
});

const httpRoute: Make = (dice, namespace, name) =>
  object(types.HttpRoute, namespace, name, {
    ...common(dice),
    rules: several(dice, () => ({
      matches: several(dice, httpMatch),
      filters: several(dice, httpFilter),
      backendRefs: several(dice, backend(httpFilter)),
      timeouts: dice.chance({ request: dice.chance("5s"), backendRequest: dice.chance("1s") }, 3),
      retry: dice.chance({ attempts: dice.number(3), codes: [503], backoff: dice.chance("10ms") }, 3),
    })),
  });

const grpcMatch = (dice: Dice) => ({
  method: dice.one([undefined, { service: "a.B" }, { method: "C" }, { type: "RegularExpression", service: "a.*" }]),
  headers: dice.chance([{ name: "x", type: "RegularExpression", value: "y+" }], 4),
});

const grpcRoute: Make = (dice, namespace, name) =>
  object(types.GrpcRoute, namespace, name, {
    ...common(dice),
    rules: several(dice, () => ({
      matches: several(dice, grpcMatch),
      filters: several(dice, shared),
      backendRefs: several(dice, backend(shared)),
    })),
  });

/** A TCPRoute, TLSRoute or UDPRoute. */
const layer4Route: Make = (dice, namespace, name) =>
  object(dice.one([types.TcpRoute, types.TlsRoute, types.UdpRoute]), namespace, name, {
    ...common(dice),
    rules: [{ backendRefs: [backendRef(dice), ...several(dice, backendRef)] }],
  });

const referenceGrant: Make = (dice, namespace, name) =>
  object(types.ReferenceGrant, namespace, name, {
    from: [
      {
        group: "gateway.networking.k8s.io",
        kind: dice.one(["HTTPRoute", "GRPCRoute", "TCPRoute", "Gateway"]),
        namespace: dice.one(namespaces),
      },
    ],
    to: [{ group: "", kind: dice.one(["Service", "Secret"]), name: dice.chance(dice.one(names)) }],
  });

export const gatewayApiRoutes: readonly Make[] = [httpRoute, grpcRoute, layer4Route, referenceGrant];
