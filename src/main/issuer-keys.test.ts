import { deepStrictEqual } from "node:assert";
import { test } from "vitest";
import type { Resource } from "../model/resource.ts";
import { apply, empty } from "../model/snapshot.ts";
import { wantedIn } from "./issuer-keys.ts";

const origin = { file: "r.yaml", line: 1, column: 1, at: "r.yaml:1:1", locate: () => origin };

function policy(name: string, jwtRules: readonly object[]): Resource {
  return {
    ...{ type: "RequestAuthentication.security.istio.io", namespace: "shop", name, apiVersion: "security.istio.io/v1" },
    ...{ labels: {}, annotations: {}, createdAt: 0, generation: 1, spec: { jwtRules }, origin },
  };
}

function wanted(...policies: readonly Resource[]) {
  const found = wantedIn(
    apply(
      empty,
      policies.map((put) => ({ put })),
    ),
  );
  return found.map(({ at, timeoutMs, by }) => [at, timeoutMs, by.map((b) => `${b.object.name} ${b.path.at(-1)}`)]);
}

test("keys are wanted once for all rules that name them, with the longest of their timeouts", () => {
  const url = "https://id.example/keys";
  deepStrictEqual(
    wanted(
      policy("a", [{ issuer: "x", jwksUri: url, timeout: "2s" }, { issuer: "y", jwks: "{}" }, { issuer: "https://z" }]),
      policy("b", [
        { issuer: "x", jwks_uri: url, timeout: "7s" },
        { issuer: "w", jwksUri: "https://w/", timeout: "1h" },
      ]),
    ),
    [
      [{ url }, 7000, ["a 0", "b 0"]],
      [{ issuer: "https://z" }, 5000, ["a 2"]],
      [{ url: "https://w/" }, 60_000, ["b 1"]],
    ],
  );
});

test("keys that are written in the rule are nowhere to be fetched, though a URL stands beside them", () => {
  deepStrictEqual(wanted(policy("a", [{ issuer: "x", jwks: "{}", jwksUri: "https://id.example/" }])), []);
});
