import { expect, it } from "vitest";
import { apply, empty } from "../model/snapshot.ts";
import { parseText } from "../sources/text/text.ts";
import { frontPage } from "./front-page.ts";

const service = (gateways: string, http: string) => `apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: a, namespace: default}
spec: {hosts: [a], gateways: ${gateways}, http: ${http}}
`;

it.each([
  [
    "the first exact path",
    service("[g]", "[{match: [{uri: {prefix: /x}}, {uri: {exact: /shop}}, {uri: {exact: /y}}]}]"),
    "/shop",
  ],
  ["no redirect", service("[g]", "[{match: [{uri: {exact: /old}}], redirect: {uri: /new}}]"), "/"],
  ["nothing of what is inside", service("[mesh]", "[{match: [{uri: {exact: /inside}}]}]"), "/"],
  ["/ where nothing is said", "", "/"],
])("names %s", (_, text, path) => {
  const changes = parseText("a.yaml", text).resources.map((put) => ({ put }));
  expect(frontPage(apply(empty, changes))).toBe(path);
});
