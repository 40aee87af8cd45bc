import { deepStrictEqual, match, ok, strictEqual } from "node:assert";
import { test } from "vitest";
import { parse } from "yaml";
import type { AccessItem } from "../../api/contract/access.ts";
import { learn, stillDenied } from "./learn.ts";
import { learnedYaml } from "./learned-yaml.ts";

const destination = { namespace: "shop", workload: "cart-v1", labels: { app: "cart" } };
const by = (account: string) => ({ identity: `spiffe://cluster.local/ns/shop/sa/${account}` });
const seen = (said: Partial<AccessItem>): AccessItem => ({
  ...{ what: "call", source: by("web"), destination, port: 8080, protocol: "http", count: 10, first: 1000, last: 2000 },
  ...{ method: "GET", path: "/items/{*}", code: 200 },
  ...said,
});

test("callers that did the same share a rule; what they did not do is not in it", () => {
  const [policy, ...more] = learn({
    entries: [
      seen({}),
      seen({ source: by("app") }),
      seen({ path: "/health" }),
      seen({ source: by("app"), path: "/health" }),
      seen({ source: by("admin"), method: "DELETE" }),
      seen({ source: by("admin"), method: "GET" }),
    ],
  });
  deepStrictEqual(more, []);
  deepStrictEqual(policy?.rules, [
    {
      principals: ["cluster.local/ns/shop/sa/admin"],
      operations: [{ port: 8080, methods: ["DELETE", "GET"], paths: ["/items/{*}"] }],
    },
    {
      principals: ["cluster.local/ns/shop/sa/app", "cluster.local/ns/shop/sa/web"],
      operations: [{ port: 8080, methods: ["GET"], paths: ["/health", "/items/{*}"] }],
    },
  ]);
});

test("TCP is a port; what answers 404 and who shows no certificate is left out, and said", () => {
  const { method: _, path: __, code: ___, ...connection } = seen({ protocol: "tcp", port: 3306 });
  const [policy] = learn({
    entries: [
      connection,
      seen({ path: "/.env", code: 404, count: 3 }),
      seen({ what: "plaintext", source: { address: "10.0.0.9", workload: "shop/old" }, count: 5 }),
      seen({ source: { address: "10.0.0.9" }, count: 5 }),
    ],
  });
  ok(policy);
  deepStrictEqual(policy.rules, [
    { principals: ["cluster.local/ns/shop/sa/web"], operations: [{ port: 3306, methods: [], paths: [] }] },
  ]);
  const text = learnedYaml(policy, { since: 1000, until: 2000, counted: 26, lost: 2 }, false);
  match(text, /^# Learned from 10 requests/);
  match(text, /# That is 50\.0 % of about 26 that/);
  match(text, /# Lost, in the whole mesh: 2 records/);
  match(text, /# Left out: 3 requests/);
  match(text, /# Not allowed, as it shows no certificate: shop\/old \(10\.0\.0\.9\) \(5 times, port 8080\)\./);
  deepStrictEqual(parse(text), {
    apiVersion: "security.istio.io/v1",
    kind: "AuthorizationPolicy",
    metadata: { name: "learned-cart", namespace: "shop", annotations: { "istio.io/dry-run": "true" } },
    spec: {
      selector: { matchLabels: { app: "cart" } },
      action: "ALLOW",
      rules: [
        {
          from: [{ source: { principals: ["cluster.local/ns/shop/sa/web"] } }],
          to: [{ operation: { ports: ["3306"] } }],
        },
      ],
    },
  });
  ok(
    !(
      "annotations" in
      (parse(learnedYaml(policy, { since: 0, until: 1, lost: 0 }, true)) as { metadata: object }).metadata
    ),
  );
});

test("a comment stays a comment, whatever a caller is called", () => {
  const [policy] = learn({
    entries: [seen({}), seen({ what: "plaintext", source: { address: "a\nspec: {}" } })],
  });
  ok(policy);
  const text = learnedYaml(policy, { since: 0, until: 1, lost: 0 }, false);
  strictEqual((parse(text) as { kind: string }).kind, "AuthorizationPolicy");
  match(text, /no certificate: a\?spec: \{\}/);
});

test("only what the new policy would refuse, too, stands in the way of enforcing it", () => {
  const entries = [
    seen({}),
    seen({ what: "dry-run" }),
    seen({ what: "dry-run", path: "/other" }),
    seen({ what: "dry-run", source: { address: "10.0.0.9" } }),
  ];
  deepStrictEqual(
    stillDenied(learn({ entries }), { entries }).map(({ path, source }) => [path, source.address]),
    [
      ["/other", undefined],
      ["/items/{*}", "10.0.0.9"],
    ],
  );
});
