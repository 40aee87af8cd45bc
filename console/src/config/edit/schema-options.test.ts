import { expect, it } from "vitest";
import { schemaOf } from "../../../../src/gen/crds.ts";
import { fieldAt, optionsAt, wordOf } from "./schema-options.ts";
import { placeIn } from "./yaml-path.ts";

const schema = schemaOf("VirtualService.networking.istio.io", "v1") ?? {};
const begun = `apiVersion: networking.istio.io/v1
kind: VirtualService
metadata:
  name: reviews
spec:
  http:
    - route:
        - destination:
            host: reviews
      `;

function offered(more: string) {
  const text = begun + more;
  const place = placeIn(text, text.length);
  return place ? optionsAt(schema, place) : [];
}

it("offers the fields of a route that are not there yet", () => {
  const labels = offered("").map((o) => o.label);
  expect(labels).toContain("timeout");
  expect(labels).toContain("retries");
  expect(labels).not.toContain("route");
});

it("writes what a field begins with", () => {
  const insert = (name: string) => offered("").find((o) => o.label === name)?.insert;
  expect(insert("timeout")).toBe("timeout: ");
  expect(insert("retries")).toBe("retries:\n        ");
  expect(insert("match")).toBe("match:\n        - ");
});

it("offers the values of an enum, and follows maps", () => {
  const policy = schemaOf("DestinationRule.networking.istio.io", "v1") ?? {};
  const place = {
    path: ["spec", "trafficPolicy", "tls", "mode"],
    of: "value",
    typed: "",
    beside: [],
    indent: 0,
  } as const;
  expect(optionsAt(policy, place).map((o) => o.label)).toContain("ISTIO_MUTUAL");
  const header = fieldAt(schema, ["spec", "http", "[]", "match", "[]", "headers", "end-user"]);
  expect(Object.keys(header?.properties ?? {})).toContain("exact");
  expect(wordOf(fieldAt(schema, ["spec", "hosts"]) ?? {})).toBe("list of string");
});

it("knows nothing below what the schema does not name", () => {
  expect(fieldAt(schema, ["spec", "nothing", "there"])).toBeUndefined();
});
