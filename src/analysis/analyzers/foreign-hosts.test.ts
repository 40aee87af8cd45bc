import { expect, test } from "vitest";
import { apply, empty } from "../../model/snapshot.ts";
import { parseText } from "../../sources/text/text.ts";
import { Tracker } from "../../track/tracker.ts";
import { foreignHosts } from "./foreign-hosts.ts";

const services = ["shop", "own"].map(
  (namespace) => `
---
{apiVersion: v1, kind: Service, metadata: {namespace: ${namespace}, name: ${namespace === "shop" ? "cart" : "mine"}}, spec: {ports: [{name: http, port: 80}]}}`,
);

/** What is told of a VirtualService of namespace `own`. */
function told(spec: object, namespace = "own"): readonly string[] {
  const text = `{apiVersion: networking.istio.io/v1, kind: VirtualService, metadata: {namespace: ${namespace}, name: a}, spec: ${JSON.stringify(spec)}}
${services.join("")}`;
  const { resources } = parseText("a.yaml", text);
  const tracker = new Tracker(
    apply(
      empty,
      resources.map((put) => ({ put })),
    ),
  );
  return tracker
    .ask(foreignHosts.step, "")
    .map(({ code, path = [], message }) => `${code} ${path.join(".")}: ${message}`);
}

const http = [{ route: [{ destination: { host: "mine" } }] }];
const cart = "cart.shop.svc.cluster.local";
const warned = [
  `WEFT0117 spec.hosts.0: routes requests of other namespaces, too, to ${cart}, which is of namespace shop`,
];

test.each([
  ["its full name", { hosts: [cart], http }],
  ["its name in other letters", { hosts: ["CART.shop.svc.cluster.local"], http }],
  ["a wildcard", { hosts: ["*.shop.svc.cluster.local"], http }],
  ["for some namespaces", { hosts: [cart], exportTo: ["other"], http }],
  ["of the mesh among others", { hosts: [cart], gateways: ["edge/front", "mesh"], http }],
])("a service of another namespace by %s is told", (_, spec) => {
  expect(told(spec)).toEqual(warned);
});

test.each([
  ["one's own service", { hosts: ["mine"], http }],
  ["a host that nobody has", { hosts: ["nobody.test"], http }],
  ["callers of one's own namespace alone", { hosts: [cart], exportTo: ["."], http }],
  ["a gateway alone", { hosts: [cart], gateways: ["edge/front"], http }],
])("%s is nobody's matter", (_, spec) => {
  expect(told(spec)).toEqual([]);
});

test("what the administrators' namespace says is not told", () => {
  expect(told({ hosts: [cart], http }, "istio-system")).toEqual([]);
});
