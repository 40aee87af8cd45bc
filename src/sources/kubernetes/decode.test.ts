import { expect, test } from "vitest";
import { formatDiagnostic } from "../../model/diagnostic.ts";
import { types } from "../../model/types.ts";
import { decode } from "./decode.ts";
import { Shared } from "./shared.ts";

const kind = {
  type: types.VirtualService,
  resource: { group: "networking.istio.io", version: "v1", plural: "virtualservices" },
  namespaced: true,
};
const object = {
  metadata: {
    name: "reviews",
    namespace: "shop",
    labels: { app: "reviews" },
    annotations: { "kubectl.kubernetes.io/last-applied-configuration": "{}", note: "kept" },
    managedFields: [{ manager: "kubectl" }],
    creationTimestamp: "2026-01-31T12:00:00Z",
    generation: 3,
  },
  spec: { hosts: ["reviews"], http: null },
  status: { conditions: [] },
};
const options = { shared: new Shared(), validate: () => [], complete: <T>(r: T) => r };

test("an object is what its file would say, without what others write into it", () => {
  expect(decode(kind, object, options).resource).toEqual({
    type: types.VirtualService,
    apiVersion: "networking.istio.io/v1",
    namespace: "shop",
    name: "reviews",
    labels: { app: "reviews" },
    annotations: { note: "kept" },
    createdAt: Date.UTC(2026, 0, 31, 12),
    generation: 3,
    spec: { hosts: ["reviews"] },
    origin: expect.objectContaining({ at: "VirtualService shop/reviews" }),
  });
});

test("an object at which a rule fails is refused, and nothing else happens", () => {
  const validate = () => {
    throw new TypeError("no such thing");
  };
  const { resource, refused, diagnostics } = decode(kind, object, { ...options, validate });
  expect([resource, refused]).toEqual([undefined, true]);
  expect(diagnostics.map(formatDiagnostic)).toEqual([
    expect.stringMatching(
      /^VirtualService shop\/reviews error IST0106 the object cannot be judged: TypeError: no such/,
    ),
  ]);
});

test("a place in it is a path", () => {
  const said = decode(kind, object, {
    ...options,
    validate: () => [{ code: "X", level: "Error", path: ["spec", "http", 0, "timeout"], message: "wrong" }],
  });
  expect(said.diagnostics.map(formatDiagnostic)).toEqual([
    "VirtualService shop/reviews error X spec.http[0].timeout: wrong",
  ]);
});
