import { apply, kubectl } from "./bed.ts";

const name = "reviews-from-outside";

/** Lets reviews be asked from outside, by way of the ingress gateway: `/reviews/0`. Answers what takes that away. */
export async function openReviews(): Promise<() => Promise<unknown>> {
  const principals = ["cluster.local/ns/istio-system/sa/istio-ingressgateway"];
  await apply([
    {
      apiVersion: "networking.istio.io/v1",
      kind: "VirtualService",
      metadata: { name },
      spec: {
        hosts: ["*"],
        gateways: ["bookinfo-gateway"],
        http: [
          {
            match: [{ uri: { prefix: "/reviews" } }],
            route: [{ destination: { host: "reviews", port: { number: 9080 } } }],
          },
        ],
      },
    },
    {
      apiVersion: "security.istio.io/v1",
      kind: "AuthorizationPolicy",
      metadata: { name },
      spec: {
        selector: { matchLabels: { app: "reviews" } },
        action: "ALLOW",
        rules: [{ from: [{ source: { principals } }] }],
      },
    },
  ]);
  return () => kubectl(["delete", "virtualservice,authorizationpolicy", name]);
}
