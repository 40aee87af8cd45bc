import { describe, expect, test } from "vitest";
import type { Observed } from "../../model/observed.ts";
import type { Span, SpanSource } from "../../model/span.ts";
import type { MeshActions } from "../actions.ts";
import type { Api } from "../create-api.ts";
import { calmMesh, deployment, labels, object, pod, proxy, requests, snapshotOf } from "../testdata/bookinfo.ts";
import { api, ask, now, start, store, token } from "../testdata/served.ts";
import type { Subject } from "./caller.ts";
import { type Grant, grantedRights } from "./roles.ts";

/** What nobody may read who does not see namespace `shut`: its names begin so, and what is in its objects is this. */
const planted = "planted";
const shut = { namespace: "shut" } as const;
const shutProxy = proxy("shut-v1");
const mesh = {
  snapshot: () =>
    snapshotOf(
      deployment("productpage-v1"),
      object("VirtualService", "reviews", { hosts: ["reviews"] }),
      object("VirtualService", "shut-routes", { hosts: [planted] }, shut),
      object("Namespace", "shut", {}, { apiVersion: "v1", namespace: "", annotations: { note: planted } }),
    ),
  diagnostics: () => [
    {
      code: "IST0101",
      level: "Error" as const,
      about: { type: "VirtualService.networking.istio.io", namespace: "shut", name: "shut-routes" },
      message: `no host ${planted}`,
    },
    { code: "WEFT0001", level: "Error" as const, message: `${planted} is no YAML` },
  ],
  proxies: () => [proxy("productpage-v1"), { ...shutProxy, proxy: { ...shutProxy.proxy, ...shut } }],
  pods: () => [pod("productpage-v1"), pod("shut-v1", 0, { ...shut, message: planted, ready: false })],
  access: () => ({
    since: 0,
    dropped: { records: 0, messages: 0 },
    entries: [
      {
        what: "denied" as const,
        source: { identity: `spiffe://cluster.local/ns/shut/sa/${planted}`, workload: "shut/shut-client" },
        destination: { namespace: "shut", workload: "shut-v1", labels: { app: planted } },
        ...{ port: 80, protocol: "http" as const, count: 3, first: 1, last: 2 },
      },
    ],
  }),
};
const traceId = "a".repeat(32);
const span = (id: string, over: Partial<Span>): Span => ({
  ...{ trace: traceId, id, kind: "server", name: "x", start: (now - 1000) * 1000, duration: 5000, failed: false },
  ...{ namespace: "default", workload: "reviews-v1", tags: {}, ...over },
});
/** A request that went from the one namespace through the other. */
const spans: SpanSource = {
  about: { kind: "embedded" },
  search: async () => ({ traces: await Promise.all([spans.trace(traceId)]), more: false }),
  trace: async () => [
    span("1", { kind: "client" }),
    span("2", { ...shut, workload: "shut-v1", name: planted, failed: true, tags: { [planted]: planted } }),
  ],
};
const request = (namespace: string, workload: string, path: string): Observed => ({
  ...{ at: now, source: { address: "10.0.0.9" }, destination: { namespace, workload, pod: `${workload}-0` } },
  ...{ port: 80, protocol: "http", mtls: false, verdict: "allowed", method: "GET", path, code: 200 },
  ...{ requestBytes: 0, responseBytes: 0, flags: [] },
});
const resource = { name: planted, version: "1", origins: [], resource: { planted } };
const actions: MeshActions = {
  sentConfig: async (id) => (id.includes("shut") ? [resource] : []),
  envoyConfig: async (id) => (id.includes("shut") ? [resource] : []),
  apply: async (_text, { permit }) => [await applied(permit, "default"), await applied(permit, "shut")],
  remove: async (_text, { permit }) => [await applied(permit, "shut")],
  requests: ({ fits }) =>
    [request("default", "reviews-v1", "/calm"), request("shut", "shut-v1", `/${planted}`)].filter(fits),
  changes: () => [
    {
      ...{ id: "c1", at: 1, who: planted, takenBack: false },
      objects: [{ type: "X.y", kind: "X", namespace: "shut", name: planted, outcome: "created" }],
    },
  ],
  takeBack: async (_id, permit) => {
    const one = await applied(permit, "default");
    return one.outcome === "refused" ? { forbidden: "they may not" } : { objects: [one] };
  },
  logs: ({ name }) =>
    (async function* () {
      yield name.includes("shut") ? planted : "calm";
    })(),
  logLevels: async (id) => [{ name: id.includes("shut") ? planted : "http", level: "warning" }],
  certificates: async () => ({ items: [], silent: [planted] }),
  reissue: async () => ({ replaced: [] }),
  rotateRoot: async () => ({ roots: [] }),
  recoverRoot: async () => ({ roots: [] }),
  shutdown: () => {},
};

async function applied(permit: Parameters<NonNullable<MeshActions["apply"]>>[1]["permit"], namespace: string) {
  const why = await permit({ what: "update", type: "VirtualService.networking.istio.io", namespace, name: "x" });
  const base = { name: "x", namespace, diagnostics: [] };
  return why === undefined
    ? { ...base, outcome: "configured" as const }
    : { ...base, outcome: "refused" as const, forbidden: true as const };
}

const grants: readonly Grant[] = [
  { role: "viewer", subjects: ["user:viewer"] },
  { role: "editor", subjects: ["user:editor"] },
  { role: "admin", subjects: ["group:admins"] },
  { role: "viewer", subjects: ["user:viewer-of-default"], namespaces: ["default"] },
  { role: "editor", subjects: ["user:editor-of-default"], namespaces: ["def*"] },
  { role: "admin", subjects: ["user:admin-of-default"], namespaces: ["*fault"] },
];

/** Everybody that there is, by what they show. `sees`: all namespaces, one, none. */
const people = {
  nobody: { sees: "none", changes: "none", operates: false, known: false },
  owner: { sees: "all", changes: "all", operates: true, known: true },
  viewer: { sees: "all", changes: "none", operates: false, known: true },
  editor: { sees: "all", changes: "all", operates: false, known: true },
  admin: { sees: "all", changes: "all", operates: true, known: true },
  "viewer-of-default": { sees: "one", changes: "none", operates: false, known: true },
  "editor-of-default": { sees: "one", changes: "one", operates: false, known: true },
  "admin-of-default": { sees: "one", changes: "one", operates: false, known: true },
  stranger: { sees: "none", changes: "none", operates: false, known: true },
} as const;
type Person = keyof typeof people;

const verify = async (given: string): Promise<Subject | undefined> =>
  Object.hasOwn(people, given) && given !== "nobody" && given !== "owner"
    ? { name: given, groups: given === "admin" ? ["admins"] : [], how: "token" }
    : undefined;

async function served(more: object = {}): Promise<Api["routes"]> {
  store.write(now - 4000, 1000, [
    requests(
      9,
      labels("destination", "shut-a", "shut-b", { ...ends, source_principal: planted, destination_service: planted }),
    ),
  ]);
  const rightsOf = (subject: Subject) => grantedRights(subject, grants);
  await start(actions, calmMesh(mesh), { mayRead: async () => false, verifiers: [verify], rightsOf, spans, ...more });
  return api.routes;
}
const ends = {
  source_workload_namespace: "shut",
  destination_workload_namespace: "shut",
  destination_service_namespace: "shut",
};

/** Ways to ask for the graph that draw other nodes, or others of them. */
const graphQueries = () => [
  ...["app", "versioned", "service"].map((type) => `?type=${type}&services`),
  `?at=${now - 2000}&window=10`,
  "?expand=shut&fold=1",
  "?operations&noise&namespaces=shut,default",
];
/** What narrows a search of traces tells nothing of the steps that are left out. */
const traceQueries = [
  ...["?failed=true", `?tag=${planted}%3D${planted}`, "?workload=shut/shut-v1", "?service=planted"],
  "?edge=workload/shut/shut-a%3Eworkload/shut/shut-v1%3Ehttp%3Ex",
];

const headersOf = (person: Person): Record<string, string> =>
  person === "nobody" ? {} : { authorization: `Bearer ${person === "owner" ? token : person}` };

/** A path with names of that namespace in it. */
const filled = (path: string, namespace: string) =>
  path.replace(/\{(\w+)\}/g, (_, name) => {
    const inside: Record<string, string> = {
      type: path.includes("/proxies/") ? "cluster" : "VirtualService.networking.istio.io",
      namespace,
      name: namespace === "shut" ? "shut-routes" : "reviews",
      id: path.includes("/traces/") ? traceId : namespace === "shut" ? "shut-v1-0.shut" : "productpage-v1-0.default",
      pod: namespace === "shut" ? "shut-v1-0.shut" : "productpage-v1-0.default",
    };
    return inside[name] ?? "x";
  });

describe("who may use which route", () => {
  for (const person of Object.keys(people) as Person[]) {
    const { sees, changes, operates, known } = people[person];
    test(`${person}, by each route's own need`, async () => {
      for (const { method, path, needs, reads } of await served()) {
        if (needs === "nothing" || path.endsWith("/events")) continue;
        const { status, text } = await ask(filled(path, "default"), { method, headers: headersOf(person) });
        const told = `${method} ${path} by ${person}: ${status} ${text.slice(0, 200)}`;
        const mayReach =
          (method !== "GET" && !reads) || needs === "operate"
            ? needs === "change" || operates
            : sees === "all" || (needs === "sight" && sees === "one");
        if (!known) expect(status, told).toBe(401);
        else if (!mayReach) expect(status, told).toBe(403);
        else if (needs === "change") expect([200, 400, 403, 404, 422], told).toContain(status);
        else expect([401, 403], told).not.toContain(status);
      }
    });

    test(`${person} is told nothing of a namespace that is shut to them`, async () => {
      for (const { method, path, needs } of await served()) {
        if (method !== "GET" || path.endsWith("/events")) continue;
        for (const where of ["default", "shut"]) {
          for (const query of [
            "",
            "?source=envoy",
            "?namespace=shut",
            "?namespaces=shut",
            "?node=workload/shut/shut-b&metric=rate",
            ...(path.endsWith("/graph") ? graphQueries() : []),
            ...(path.endsWith("/traces") ? traceQueries : []),
          ]) {
            const asked = `${filled(path, where)}${query}`;
            const { text } = await ask(asked, { headers: headersOf(person) });
            if (sees === "all") continue;
            expect(text, `${asked} (needs ${needs ?? "all"}) by ${person}`).not.toContain(planted);
            if (!path.includes("{") && query === "") expect(text, asked).not.toMatch(/"shut|shut-/);
          }
        }
      }
    });

    test(`${person} changes what they may, object by object`, async () => {
      await served();
      const answer = await ask("/api/v1/apply", { method: "POST", headers: headersOf(person), body: "{}" });
      const outcomes = answer.json.objects?.map((o: { outcome: string }) => o.outcome);
      const expected = {
        all: [200, ["configured", "configured"]],
        one: [422, ["configured", "refused"]],
        none: known ? [403, ["refused", "refused"]] : [401, undefined],
      }[changes];
      expect([answer.status, outcomes]).toEqual(expected);
    });
  }

  test("the one who sees all is told of it, so that the case above can fail", async () => {
    await served();
    const read = async (path: string) => (await ask(path, { headers: headersOf("viewer") })).text;
    for (const path of [
      "config",
      "diagnostics",
      "access",
      "workloads",
      "graph",
      "mesh",
      "proxies",
      "traces",
      "requests",
    ])
      expect(await read(`/api/v1/${path}`), path).toMatch(/planted|shut/);
    for (const query of graphQueries()) expect(await read(`/api/v1/graph${query}`), query).toMatch(/planted|shut/);
    expect(await read(`/api/v1/traces/${traceId}`)).toContain(planted);
    expect(await read("/api/v1/logs/shut-v1-0.shut")).toContain(planted);
    expect(await read("/api/v1/proxies/shut-v1-0.shut/config/cluster")).toContain(planted);
  });

  test("who sees one namespace has its steps of a trace and its requests, and is told that there are others", async () => {
    await served();
    const read = async (path: string) => (await ask(path, { headers: headersOf("viewer-of-default") })).json;
    expect(await read("/api/v1/traces")).toMatchObject({
      traces: [{ id: traceId, spans: 1, failed: 0, partial: true, parts: [{ workload: "reviews-v1" }] }],
      more: false,
    });
    expect(await read(`/api/v1/traces/${traceId}`)).toMatchObject({ partial: true, spans: [{ id: "1" }] });
    for (const query of traceQueries) expect((await read(`/api/v1/traces${query}`)).traces, query).toEqual([]);
    expect((await read("/api/v1/traces?workload=default/reviews-v1&min=5&max=5")).traces).toHaveLength(1);
    expect((await read("/api/v1/traces?workload=default/reviews-v1&min=6")).traces).toEqual([]);
    const { requests } = await read("/api/v1/requests");
    expect(requests.map((one: { path: string }) => one.path)).toEqual(["/calm"]);
  });

  test("view-only takes changes from everybody but the owner", async () => {
    await served({ viewOnly: true });
    for (const person of ["editor", "admin"] as const) {
      const headers = headersOf(person);
      expect((await ask("/api/v1/apply", { method: "POST", headers })).status).toBe(403);
      expect((await ask("/api/v1/certificates/rotate", { method: "POST", headers })).status).toBe(403);
      expect((await ask("/api/v1/config", { headers })).status).toBe(200);
      expect((await ask("/api/v1/session", { headers })).json.who.viewOnly).toBe(true);
    }
    expect((await ask("/api/v1/apply", { method: "POST", headers: headersOf("owner") })).status).toBe(200);
  });
});
