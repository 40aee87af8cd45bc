import { deepStrictEqual, ok } from "node:assert";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createRegistry, fromBinary, type JsonObject, toJson } from "@bufbuild/protobuf";
import { afterAll, beforeAll, test } from "vitest";
import { rbac } from "../../src/envoy/security/rbac.ts";
import { joinedHeaders } from "../../src/envoy/security/repeated-header.ts";
import { type RBAC, RBACSchema } from "../../src/gen/envoy/config/rbac/v3/rbac_pb.js";
import { ConfigSchema as JoinedSchema } from "../../src/gen/envoy/extensions/filters/http/header_to_metadata/v3/header_to_metadata_pb.js";
import type { AuthorizationPolicySpec } from "../../src/gen/istio/authorization-policy.ts";
import type { Resource } from "../../src/model/resource.ts";
import { rulesOf } from "../../src/plan/security/authorization-rule.ts";
import { makeCertificates } from "../cluster/certificates.ts";
import { httpAnswer, observed, plainProbe } from "../conformance/authz-probe.ts";
import { type EnvoyProcess, startEnvoy } from "../route/envoy-process.ts";
import { Dice } from "./dice.ts";
import {
  globs,
  hostMatches,
  type Kind,
  matches,
  type Request,
  starred,
  templateMatches,
  text,
} from "./matcher-words.ts";

// matcher(x) holds exactly when the specification says so: random patterns in one running Envoy, each in the shadow of a filter of its own, so that
// one request is judged by all of them. What is said of a pattern by `matcher-words.ts` is compared with what Envoy found.

const seed = Math.floor(Math.random() * 2 ** 31);
const dice = new Dice(seed);
const patternsEach = 25;
const requests = 250;

const hostLetters = ["a", "b", "A", ".", "+", "-", "com"];
const idLetters = ["a", "b", ".", "+", "-", "("];
const id = (from: string) => {
  const [, domain = "", namespace = "", account = ""] = /^(.*)\/ns\/(.*)\/sa\/(.*)$/.exec(from) ?? [];
  return { domain, namespace, account };
};
const to = (operation: object) => ({ to: [{ operation }] });
const source = (of: object) => ({ from: [{ source: of }] });

const kinds: readonly Kind[] = [
  {
    name: "path",
    rule: (p) => to({ paths: [p] }),
    pattern: (d) => (d.number(3) === 0 ? starred(d) : `/${starred(d)}`),
    holds: (p, r) => matches(p, bare(r.path)),
  },
  {
    name: "template",
    rule: (p) => to({ paths: [p] }),
    pattern: (d) =>
      `/${Array.from({ length: 1 + d.number(2) }, () => d.one(["a", "b.a", "{*}"])).join("/")}/${d.one(["{*}", "{**}"])}`,
    holds: (p, r) => templateMatches(p, bare(r.path)),
  },
  {
    name: "method",
    rule: (p) => to({ methods: [p] }),
    pattern: (d) => starred(d, ["A", "B", "a", ".", "*", "+", "|"]),
    holds: (p, r) => matches(p, r.method),
  },
  {
    name: "host",
    rule: (p) => to({ hosts: [p] }),
    pattern: (d) => starred(d, hostLetters) + d.one(["", "", "", ":80", ":*"]),
    holds: (p, r) => hostMatches(p, r.host),
  },
  {
    name: "header",
    rule: (p) => ({ when: [{ key: "request.headers[x-h]", values: [p] }] }),
    pattern: (d) => starred(d),
    holds: (p, r) => r.header.length > 0 && r.header.every((v) => p === "*" || matches(p, v)),
  },
  {
    name: "claim",
    rule: (p) => ({ when: [{ key: "request.auth.claims[c]", values: [p] }] }),
    pattern: (d) => starred(d),
    holds: (p, r) => matches(p, r.claim),
  },
  {
    name: "sni",
    rule: (p) => ({ when: [{ key: "connection.sni", values: [p] }] }),
    pattern: (d) => starred(d, ["a", "b", "A", ".", "-"]),
    holds: (p, r) => matches(p.toLowerCase(), r.sni),
  },
  {
    name: "principal",
    rule: (p) => source({ principals: [p] }),
    pattern: (d) =>
      d.one([starred(d, idLetters), d.one(callers), `${d.one(callers).slice(0, 4)}*`, `*${d.one(callers).slice(-4)}`]),
    holds: (p, r) => matches(p, r.from),
  },
  {
    name: "namespace",
    rule: (p) => source({ namespaces: [p] }),
    pattern: (d) => d.one(["sa", starred(d, idLetters), mutated(d, id(d.one(callers)).namespace)]),
    holds: (p, r) => globs(p, id(r.from).namespace),
  },
  {
    name: "account",
    rule: (p) => source({ serviceAccounts: [p] }),
    pattern: (d) => {
      const { namespace, account } = id(d.one(callers));
      return `${mutated(d, namespace)}/${mutated(d, account)}`;
    },
    holds: (p, r) =>
      globs(p.split("/")[0] as string, id(r.from).namespace) && globs(p.split("/")[1] as string, id(r.from).account),
  },
  {
    name: "domain",
    rule: (p) => source({ trustDomains: [p] }),
    pattern: (d) => mutated(d, id(d.one(callers)).domain),
    holds: (p, r) => globs(p, id(r.from).domain),
  },
];

const bare = (path: string) => path.replace(/[?#].*$/, "");

/** A name, or almost: with another letter, or a `*` at an end. */
function mutated(d: Dice, name: string): string {
  const at = d.number(Math.max(1, name.length));
  return d.one([
    name,
    `${name.slice(0, at)}${d.one(idLetters)}${name.slice(at + 1)}`,
    `${name.slice(0, at)}*`,
    `*${name.slice(at)}`,
  ]);
}

/** In a namespace whose name is that of a part, so that what comes after it looks like a namespace `sa`. */
const likeParts = "t/ns/ns/sa/s";
const callers: readonly string[] = [
  likeParts,
  ...Array.from(
    { length: 10 },
    () => `t${text(dice, idLetters)}/ns/n${text(dice, idLetters)}/sa/s${text(dice, idLetters)}`,
  ),
];
const patterns = kinds.flatMap((kind) =>
  Array.from({ length: patternsEach }, () => ({ kind, pattern: kind.pattern(dice) })),
);

/** Something that a pattern of its kind may be about. */
function valueNear(kind: string, alphabet?: readonly string[]): string {
  const near = dice
    .one(patterns.filter((p) => p.kind.name === kind))
    .pattern.replaceAll("{**}", "x/y")
    .replaceAll("{*}", "z");
  const core = near.replace(/^\*|\*$/g, "");
  const other = text(dice, alphabet);
  return dice.one([
    core,
    core,
    `${other}${core}`,
    `${core}${other}`,
    other,
    core.replace(/[^/]/, dice.one(alphabet ?? ["a", "."])),
  ]);
}

function randomRequest(): Request {
  const pathOf = () => `/${valueNear(dice.one(["path", "template"]))}`.replace(/^\/\//, "/").replaceAll(/[\\#?]/g, "");
  return {
    from: dice.one(callers),
    method: valueNear("method", ["A", "B", "a", ".", "*", "+", "|"]).replace(/^$/, "GET"),
    path: pathOf() + dice.one(["", "", "?q=*"]),
    host: `${valueNear("host", hostLetters).replace(/:.*$/, "").replace(/^$/, "a")}${dice.one(["", "", ".", ":80", ":8080"])}`,
    sni: valueNear("sni", ["a", "b", ".", "-"]).toLowerCase() || "a",
    header: Array.from({ length: 1 + (dice.number(4) === 0 ? 1 : 0) }, () => valueNear("header").trim() || "a"),
    claim: valueNear("claim") || "c",
  };
}

const directory = mkdtempSync(join(tmpdir(), "matchers-"));
let envoy: EnvoyProcess;
const prefix = (i: number) => `m${i}_`;
const registry = createRegistry(RBACSchema);

beforeAll(async () => {
  await makeCertificates(directory, Object.fromEntries(callers.map((c, i) => [`c${i}`, `URI:spiffe://${c}`])));
  const filters = patterns.map(({ kind, pattern }, i) => ({
    name: `m${i}`,
    typedConfig: {
      "@type": "type.googleapis.com/envoy.extensions.filters.http.rbac.v3.RBAC",
      shadowRules: toJson(RBACSchema, compiled(kind.rule(pattern)), { registry }),
      shadowRulesStatPrefix: prefix(i),
    },
  }));
  const joined = {
    "@type": "type.googleapis.com/envoy.extensions.filters.http.header_to_metadata.v3.Config",
    ...(toJson(JoinedSchema, fromBinary(JoinedSchema, joinedHeaders(["x-h"]).value)) as JsonObject),
  };
  const listener = observed(echoing, "matchers", directory, [{ name: "joined", typedConfig: joined }, ...filters]);
  envoy = await startEnvoy({ listeners: [listener] } as JsonObject);
});
afterAll(async () => {
  await envoy?.stop();
  rmSync(directory, { recursive: true, force: true });
});

function compiled(rule: object): RBAC {
  const policy = { namespace: "n", name: "p", spec: { rules: [rule] } } as unknown as Resource<AuthorizationPolicySpec>;
  return rbac(rulesOf(policy), { action: "ALLOW", protocol: "http" });
}

/** Answers with what each filter found. */
const echoing = {
  address: { socketAddress: { address: "127.0.0.1", portValue: 0 } },
  filterChains: [
    {
      filters: [
        {
          name: "hcm",
          typedConfig: {
            "@type":
              "type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager",
            statPrefix: "m",
            httpFilters: [
              {
                name: "router",
                typedConfig: { "@type": "type.googleapis.com/envoy.extensions.filters.http.router.v3.Router" },
              },
            ],
            routeConfig: {
              responseHeadersToAdd: [
                { header: { key: "x-found", value: "%DYNAMIC_METADATA(envoy.filters.http.rbac)%" } },
              ],
              virtualHosts: [
                { name: "v", domains: ["*"], routes: [{ match: { prefix: "/" }, directResponse: { status: 200 } }] },
              ],
            },
          },
        },
      ],
    },
  ],
};

test(`what a matcher finds is what its words mean (seed ${seed})`, async () => {
  const seen = new Map(kinds.map(({ name }) => [name, new Set<boolean>()]));
  let judged = 0;
  for (let i = 0; i < requests; i++) {
    const request = randomRequest();
    const answer = await httpAnswer(directory, envoy.port("matchers"), {
      ...{ ...plainProbe, ...request, from: `c${callers.indexOf(request.from)}` },
      ...{ headers: { "x-h": request.header }, claims: { iss: "i", c: request.claim } },
    }).catch(() => undefined);
    // What is no HTTP at all is not judged.
    if (Number(answer?.[":status"]) !== 200 || typeof answer?.["x-found"] !== "string") continue;
    judged++;
    const found = JSON.parse(answer["x-found"]) as Record<string, string>;
    for (const [at, { kind, pattern }] of patterns.entries()) {
      const result = found[`${prefix(at)}shadow_engine_result`] === "allowed";
      seen.get(kind.name)?.add(result);
      deepStrictEqual(
        { kind: kind.name, pattern, request, result },
        { kind: kind.name, pattern, request, result: kind.holds(pattern, request) },
      );
    }
  }
  ok(judged > requests / 2, `${judged} of ${requests} requests were judged`);
  for (const [name, sides] of seen) deepStrictEqual([name, sides.size], [name, 2], "both sides were seen");
}, 120_000);
