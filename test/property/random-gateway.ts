import { types } from "../../src/model/types.ts";
import type { Dice } from "./dice.ts";
import { type Make, names, namespaces, object } from "./random-object.ts";

const hosts = ["*.example.com", "a.example.com", "*.a.example.com"];
const pem = (what: string) => `-----BEGIN ${what}-----\nx\n-----END ${what}-----\n`;

const listener = (dice: Dice, index: number) => {
  const protocol = dice.one(["HTTP", "HTTP", "HTTPS", "TLS", "TCP", "UDP", "SCTP"]);
  const secure = protocol === "HTTPS" || protocol === "TLS";
  return {
    name: `l${index}`,
    port: dice.one([80, 443, 9000]),
    protocol,
    hostname: dice.chance(dice.one(hosts)),
    ...(secure
      ? {
          tls: {
            mode: protocol === "TLS" ? dice.one(["Terminate", "Passthrough"]) : "Terminate",
            certificateRefs: [{ name: "pem", namespace: dice.chance(dice.one(namespaces)) }],
            options: dice.chance({ "gateway.istio.io/tls-terminate-mode": dice.one(["MUTUAL", "ISTIO_MUTUAL"]) }, 4),
          },
        }
      : {}),
    allowedRoutes: { namespaces: { from: dice.one(["All", "All", "Same"]) } },
  };
};
const listeners = (dice: Dice) => Array.from({ length: 1 + dice.number(4) }, (_, i) => listener(dice, i));

const apiGateway: Make = (dice, namespace, name) =>
  object(types.KubernetesGateway, namespace, name, {
    gatewayClassName: dice.one(["istio", "istio", "other"]),
    addresses: dice.chance([{ type: "Hostname", value: `${dice.one(names)}.a.svc.cluster.local` }], 4),
    allowedListeners: { namespaces: { from: dice.one(["All", "Same", "None"]) } },
    tls: dice.chance({
      backend: { clientCertificateRef: { name: "pem" } },
      frontend: {
        default: { validation: dice.chance({ caCertificateRefs: [{ group: "", kind: "ConfigMap", name: "roots" }] }) },
      },
    }),
    listeners: listeners(dice),
  });

const gatewayClass: Make = (dice) =>
  object(types.GatewayClass, "", "other", {
    controllerName: dice.one(["istio.io/gateway-controller", "example.com/other"]),
  });

const listenerSet: Make = (dice, namespace, name) =>
  object(types.ListenerSet, namespace, name, {
    parentRef: { name: dice.one(names), namespace: dice.chance("a") },
    listeners: listeners(dice),
  });

const parents = (dice: Dice) => [
  {
    kind: dice.chance("ListenerSet", 4),
    name: dice.one(["web", "web", ...names]),
    namespace: dice.chance("a"),
    sectionName: dice.chance(`l${dice.number(3)}`),
    port: dice.chance(80, 4),
  },
];
const backends = (dice: Dice, port: number) =>
  Array.from({ length: 1 + dice.number(2) }, () => ({
    name: dice.one(names),
    namespace: dice.chance(dice.one(namespaces), 3),
    port: dice.one([80, 443, 3306, port]),
    weight: dice.one([0, 1, 2]),
  }));

const httpRoute: Make = (dice, namespace, name) =>
  object(types.HttpRoute, namespace, name, {
    parentRefs: parents(dice),
    hostnames: dice.chance([dice.one(hosts)]),
    rules: [
      { matches: [{ path: { type: "PathPrefix", value: dice.one(["/", "/a"]) } }], backendRefs: backends(dice, 80) },
    ],
  });

const l4Route: Make = (dice, namespace, name) => {
  const type = dice.one([types.TcpRoute, types.TlsRoute, types.UdpRoute]);
  const hostnames = type === types.TlsRoute ? { hostnames: [dice.one(hosts)] } : {};
  return object(type, namespace, name, {
    parentRefs: parents(dice),
    ...hostnames,
    rules: [{ backendRefs: backends(dice, 9000) }],
  });
};

const backendTls: Make = (dice, namespace, name) =>
  object(types.BackendTlsPolicy, namespace, name, {
    targetRefs: [{ group: "", kind: "Service", name: dice.one(names), sectionName: dice.chance("second", 3) }],
    validation: {
      hostname: "x.example.com",
      ...dice.one([
        { wellKnownCACertificates: "System" },
        {
          caCertificateRefs: [{ group: "", kind: dice.one(["ConfigMap", "Secret"]), name: dice.one(["roots", "pem"]) }],
        },
      ]),
    },
  });

const grant: Make = (dice, namespace, name) =>
  object(types.ReferenceGrant, namespace, name, {
    from: [
      {
        group: "gateway.networking.k8s.io",
        kind: dice.one(["Gateway", "HTTPRoute", "TCPRoute"]),
        namespace: dice.one(namespaces),
      },
    ],
    to: [{ group: "", kind: dice.one(["Secret", "Service"]), name: dice.chance(dice.one(names), 3) }],
  });

const certificate: Make = (dice, namespace) =>
  object(
    types.Secret,
    namespace,
    "pem",
    {},
    {
      data: {
        data: {
          "tls.crt": btoa(pem("CERTIFICATE")),
          "tls.key": btoa(dice.one([pem("PRIVATE KEY"), "none"])),
          "ca.crt": btoa(pem("CERTIFICATE")),
        },
      },
    },
  );

const roots: Make = (_, namespace) =>
  object(types.ConfigMap, namespace, "roots", {}, { data: { data: { "ca.crt": pem("CERTIFICATE") } } });

const ingress: Make = (dice, namespace, name) =>
  object(
    types.Ingress,
    namespace,
    name,
    {
      tls: dice.chance([{ hosts: [dice.one(hosts)], secretName: "cred" }]),
      defaultBackend: dice.chance({ service: { name: dice.one(names), port: { number: 80 } } }, 4),
      rules: [
        {
          host: dice.chance(dice.one(hosts)),
          http: {
            paths: [
              {
                path: dice.one(["/", "/a/", "/b"]),
                pathType: dice.one(["Prefix", "Exact", "ImplementationSpecific"]),
                backend: { service: { name: dice.one(names), port: dice.one([{ number: 80 }, { name: "http" }]) } },
              },
            ],
          },
        },
      ],
    },
    { annotations: { "kubernetes.io/ingress.class": dice.one(["istio", "istio", "nginx"]) } },
  );

/** Gateway API's gateways with what goes through them, and Ingresses. */
export const gatewayApi: readonly Make[] = [
  apiGateway,
  gatewayClass,
  listenerSet,
  httpRoute,
  l4Route,
  backendTls,
  grant,
  certificate,
  roots,
  ingress,
];
