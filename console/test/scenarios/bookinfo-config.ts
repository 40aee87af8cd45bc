import type { ConfigDetail } from "../../../src/api/contract/config.ts";

const istio = "networking.istio.io/v1";

function object(
  kind: string,
  apiVersion: string,
  name: string,
  at: string,
  yaml: string,
  over: Partial<ConfigDetail> = {},
): ConfigDetail {
  const group = apiVersion.includes("/") ? apiVersion.split("/")[0] : undefined;
  return {
    type: group ? `${kind}.${group}` : kind,
    kind,
    apiVersion,
    namespace: "default",
    name,
    at,
    diagnostics: [],
    basis: "as seen",
    proxies: { total: 8, acked: 8 },
    yaml,
    ...over,
  };
}

function serviceYaml(name: string, port: number): string {
  return `apiVersion: v1
kind: Service
metadata:
  name: ${name}
  labels:
    app: ${name}
    service: ${name}
spec:
  ports:
    - port: ${port}
      name: http
  selector:
    app: ${name}
`;
}

export const reviewsYaml = `apiVersion: networking.istio.io/v1
kind: VirtualService
metadata:
  name: reviews
  namespace: default
spec:
  hosts:
    - reviews
  http:
    - match:
        - headers:
            end-user:
              exact: jason
      route:
        - destination:
            host: reviews
            subset: v2
    - route:
        - destination:
            host: reviews
            subset: v1
          weight: 50
        - destination:
            host: reviews
            subset: v2
          weight: 30
        - destination:
            host: reviews
            subset: v3
          weight: 20
      timeout: 2s
`;

const subsets = ["v1", "v2", "v3"].map((v) => `    - name: ${v}\n      labels:\n        version: ${v}\n`).join("");

/** What Bookinfo's folder holds, near enough. */
export const bookinfoConfig: readonly ConfigDetail[] = [
  ...[
    ["productpage", 1],
    ["details", 28],
    ["reviews", 55],
    ["ratings", 120],
  ].map(([name, line]) =>
    object("Service", "v1", String(name), `bookinfo.yaml:${line}:1`, serviceYaml(String(name), 9080)),
  ),
  object("Service", "v1", "mysqldb", "mysql.yaml:1:1", serviceYaml("mysqldb", 3306)),
  object(
    "Gateway",
    istio,
    "bookinfo-gateway",
    "gateway.yaml:1:1",
    'apiVersion: networking.istio.io/v1\nkind: Gateway\nmetadata:\n  name: bookinfo-gateway\nspec:\n  selector:\n    istio: ingressgateway\n  servers:\n    - port:\n        number: 8080\n        name: http\n        protocol: HTTP\n      hosts:\n        - "*"\n',
    { proxies: { total: 1, acked: 1 } },
  ),
  object(
    "VirtualService",
    istio,
    "bookinfo",
    "gateway.yaml:17:1",
    'apiVersion: networking.istio.io/v1\nkind: VirtualService\nmetadata:\n  name: bookinfo\nspec:\n  hosts:\n    - "*"\n  gateways:\n    - bookinfo-gateway\n  http:\n    - match:\n        - uri:\n            exact: /productpage\n        - uri:\n            prefix: /static\n      route:\n        - destination:\n            host: productpage\n            port:\n              number: 9080\n',
    { proxies: { total: 1, acked: 1 } },
  ),
  object("VirtualService", istio, "reviews", "reviews.yaml:1:1", reviewsYaml),
  object(
    "DestinationRule",
    istio,
    "reviews",
    "destination-rules.yaml:1:1",
    `apiVersion: networking.istio.io/v1\nkind: DestinationRule\nmetadata:\n  name: reviews\nspec:\n  host: reviews\n  subsets:\n${subsets}`,
  ),
  object(
    "DestinationRule",
    istio,
    "ratings",
    "destination-rules.yaml:22:1",
    `apiVersion: networking.istio.io/v1\nkind: DestinationRule\nmetadata:\n  name: ratings\nspec:\n  host: ratings\n  subsets:\n    - name: v1\n      labels:\n        version: v1\n    - name: v2-mysql\n      labels:\n        version: v2-mysql\n`,
  ),
  object(
    "PeerAuthentication",
    "security.istio.io/v1",
    "default",
    "mtls.yaml:1:1",
    "apiVersion: security.istio.io/v1\nkind: PeerAuthentication\nmetadata:\n  name: default\n  namespace: default\nspec:\n  mtls:\n    mode: STRICT\n",
  ),
  object(
    "AuthorizationPolicy",
    "security.istio.io/v1",
    "ratings-callers",
    "policies.yaml:1:1",
    "apiVersion: security.istio.io/v1\nkind: AuthorizationPolicy\nmetadata:\n  name: ratings-callers\nspec:\n  selector:\n    matchLabels:\n      app: ratings\n  action: ALLOW\n  rules:\n    - from:\n        - source:\n            principals:\n              - cluster.local/ns/default/sa/bookinfo-reviews\n",
    { proxies: { total: 2, acked: 2 } },
  ),
];
