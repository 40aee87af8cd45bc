import { expect, test } from "vitest";
import type { Subject } from "../api/who/caller.ts";
import type { KubernetesClient, RequestInit } from "../kubernetes/client.ts";
import { KubernetesError } from "../kubernetes/error.ts";
import { kubernetesUsers, pluralOf } from "./kubernetes-users.ts";

interface Asked {
  readonly kind: string;
  readonly spec: {
    readonly token?: string;
    readonly user?: string;
    readonly resourceAttributes?: Record<string, string>;
  };
}

function world(decide: (asked: Asked) => object | Error) {
  const asked: Asked[] = [];
  const clock = { time: 0, now: () => clock.time, after: () => () => {} };
  const ask = async (_path: string, init: RequestInit = {}) => {
    asked.push(init.body as Asked);
    const status = decide(init.body as Asked);
    if (status instanceof Error) throw status;
    return { status };
  };
  const client = { ask } as unknown as KubernetesClient;
  return { asked, clock, users: kubernetesUsers({ client, namespace: "istio-system", clock }) };
}

const ann: Subject = { name: "ann", groups: ["shop"], how: "oidc" };

test("who a token is of, the API server says; asked once in half a minute, and never of one that fails", async () => {
  const user = { username: "ann", groups: ["g"], extra: { scopes: ["x"] } };
  const { asked, clock, users } = world(({ spec: { token } }) => {
    if (token === "away") return new KubernetesError(0, "Unreachable", "no answer");
    return token === "good" ? { authenticated: true, user } : { authenticated: false, error: "expired" };
  });
  const known = { name: "ann", groups: ["g"], extra: { scopes: ["x"] }, how: "kubernetes", bearer: "good" };
  expect(await users.verifier("good")).toEqual(known);
  expect(await users.verifier("good")).toEqual(known);
  expect(await users.verifier("bad")).toEqual({ refused: "expired" });
  expect(asked.length).toBe(2);
  clock.time = 30_000;
  await users.verifier("good");
  expect(asked.length).toBe(3);
  expect(await users.verifier("away")).toMatchObject({ unavailable: true });
  expect(await users.verifier("away")).toMatchObject({ unavailable: true });
  expect(asked.length).toBe(5);
});

test("what somebody may is asked as them, in the API server's words", async () => {
  const { asked, users } = world(() => ({ allowed: true }));
  const rights = users.rightsOf(ann);
  const type = "VirtualService.networking.istio.io";
  for (const what of ["create", "update", "delete"] as const)
    await rights.may({ what, type, namespace: "shop", name: "cart" });
  for (const what of ["logs", "proxy"] as const) await rights.may({ what, namespace: "shop" });
  await rights.may({ what: "operate" });
  const group = "networking.istio.io";
  const resource = "virtualservices";
  expect(asked.map(({ spec }) => spec.resourceAttributes)).toEqual([
    { verb: "create", group, resource, namespace: "shop" },
    { verb: "patch", group, resource, namespace: "shop", name: "cart" },
    { verb: "delete", group, resource, namespace: "shop", name: "cart" },
    { verb: "get", group: "", resource: "pods", subresource: "log", namespace: "shop" },
    { verb: "create", group: "", resource: "pods", subresource: "portforward", namespace: "shop" },
    { verb: "update", group: "", resource: "secrets", namespace: "istio-system", name: "weft-ca" },
  ]);
  expect(asked[0]?.spec).toMatchObject({ user: "ann", groups: ["shop"] });
});

test("namespaces are seen by who may list their Pods; where nobody can say, nothing is", async () => {
  const { users } = world(({ spec }) => ({ allowed: spec.resourceAttributes?.["namespace"] === "shop" }));
  expect(await users.rightsOf(ann).sees(() => ["shop", "bank"])).toEqual(new Set(["shop"]));
  const { users: admins } = world(({ spec }) => ({ allowed: spec.resourceAttributes?.["namespace"] === "" }));
  expect(await admins.rightsOf(ann).sees(() => [])).toBe("all");
  const { users: away } = world(() => new KubernetesError(0, "Unreachable", "no answer"));
  await expect(away.rightsOf(ann).sees(() => ["shop"])).rejects.toThrow("no answer");
  await expect(away.rightsOf(ann).may({ what: "operate" })).rejects.toThrow("no answer");
});

test.each([
  ["VirtualService", "virtualservices"],
  ["ServiceEntry", "serviceentries"],
  ["AuthorizationPolicy", "authorizationpolicies"],
  ["Gateway", "gateways"],
  ["GatewayClass", "gatewayclasses"],
  ["Ingress", "ingresses"],
  ["Telemetry", "telemetries"],
  ["Endpoints", "endpoints"],
  ["BackendTLSPolicy", "backendtlspolicies"],
  ["WorkloadEntry", "workloadentries"],
  ["ReferenceGrant", "referencegrants"],
])("%s: %s", (kind, plural) => {
  expect(pluralOf(kind)).toBe(plural);
});
