import type { Resource } from "../../model/resource.ts";
import type { Step } from "../../track/scope.ts";
import type { GatewayServer } from "../gateway/server.ts";
import { type IngressSpec, ingressGateway, servedIngresses } from "./ingress.ts";

/** What Ingresses ask of a router's ports: 80 for each, and 443 for each Secret. The port that it listens on is as in the Service. Key: none. */
export const ingressServers: Step<readonly Omit<GatewayServer, "listen">[]> = {
  name: "plan/ingressServers",
  run: (scope) => scope.ask(servedIngresses, "").flatMap(serversOf),
};

function serversOf(ingress: Resource<IngressSpec>): readonly Omit<GatewayServer, "listen">[] {
  const { namespace, name } = ingress;
  const shared = {
    gateway: ingressGateway(ingress),
    namespace: "istio-system",
    bind: "",
    takes: "Ingress",
    at: ingress.origin.at,
  } as const;
  const secure = (ingress.spec.tls ?? []).flatMap(({ hosts, secretName }, index) => {
    if (!secretName) return [];
    return [
      {
        ...shared,
        port: 443,
        portName: `https-443-ingress-${name}-${namespace}-${index}`,
        protocol: "https" as const,
        hosts: (hosts?.length ? hosts : ["*"]).map(anyNamespace),
        tls: { mode: "SIMPLE" as const, credentialName: secretName },
      },
    ];
  });
  const plain = {
    ...shared,
    port: 80,
    portName: `http-80-ingress-${name}-${namespace}`,
    protocol: "http",
    hosts: [anyNamespace("*")],
  } as const;
  return [...secure, plain];
}

function anyNamespace(host: string): GatewayServer["hosts"][number] {
  return { namespace: "*", host: host.toLowerCase() };
}
