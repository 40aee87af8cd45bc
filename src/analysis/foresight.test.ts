import { deepStrictEqual, strictEqual } from "node:assert";
import { test } from "vitest";
import { apply, empty, type Snapshot } from "../model/snapshot.ts";
import { parseText } from "../sources/text/text.ts";
import { foresight } from "./foresight.ts";

const services = `apiVersion: v1
kind: Service
metadata: {name: reviews, namespace: shop}
spec: {ports: [{name: http, port: 80}], selector: {app: reviews}}
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: reviews, namespace: shop}
spec: {hosts: [reviews], http: [{route: [{destination: {host: review}}]}]}
`;
const rule = (host: string) => `apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: reviews, namespace: shop}
spec: {hosts: [reviews], http: [{route: [{destination: {host: ${host}}}]}]}
`;

const changes = (text: string) => parseText("draft", text).resources.map((put) => ({ put }));
const mesh: Snapshot = apply(empty, changes(services));
const codes = (found: readonly { readonly code: string }[]) => found.map((f) => f.code);

test("tells what stays wrong with the object that is edited, in the draft's lines", () => {
  const { own, brought, mended } = foresight({ elapsed: () => 0 }).look(mesh, changes(rule("revews")));
  deepStrictEqual(codes(own), ["IST0101"]);
  strictEqual(own[0]?.position?.file, "draft");
  strictEqual(own[0]?.position?.line, 4);
  deepStrictEqual([codes(brought), codes(mended)], [[], ["IST0101"]]);
});

test("tells what would be mended, and nothing that stays", () => {
  const { own, mended } = foresight({ elapsed: () => 0 }).look(mesh, changes(rule("reviews")));
  deepStrictEqual([codes(own), codes(mended)], [[], ["IST0101"]]);
});

test("tells what a removal would bring to others", () => {
  const mended = apply(mesh, changes(rule("reviews")));
  const { brought } = foresight({ elapsed: () => 0 }).look(mended, [
    { remove: { type: "Service", namespace: "shop", name: "reviews" } },
  ]);
  strictEqual(codes(brought).includes("IST0101"), true);
});

test("stops when its time is over, and says that it has not looked at all", () => {
  let now = 0;
  const slow = foresight({
    elapsed: () => {
      now += 100;
      return now;
    },
    boundMs: 500,
  });
  strictEqual(slow.look(mesh, changes(rule("reviews"))).whole, false);
});
