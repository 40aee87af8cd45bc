import { deepStrictEqual, match, strictEqual } from "node:assert";
import { once } from "node:events";
import http from "node:http";
import { afterAll, beforeAll, test } from "vitest";
import { type GatewayBed, gatewayBed } from "../proxy/gateway-bed.ts";

// What a policy decided, would have decided or only marks, as a real gateway tells it: metadata of a request, and metrics under Istio's names.

let bed: GatewayBed;

beforeAll(async () => {
  bed = await gatewayBed();
});
afterAll(() => bed?.stop());

const policy = (name: string, action: string, path: string, annotations: object = {}) => ({
  ...{ apiVersion: "security.istio.io/v1", kind: "AuthorizationPolicy" },
  metadata: { name, namespace: "istio-system", annotations },
  spec: { action, rules: [{ to: [{ operation: { paths: [path] } }] }] },
});
const dry = { "istio.io/dry-run": "true" };
const gateway = {
  ...{ apiVersion: "networking.istio.io/v1", kind: "Gateway", metadata: { name: "front", namespace: "istio-system" } },
  spec: {
    selector: { istio: "ingressgateway" },
    servers: [{ port: { number: 8080, name: "http", protocol: "HTTP" }, hosts: ["*"] }],
  },
};
/** Answers tell what policies left. */
const telling = {
  ...{ apiVersion: "networking.istio.io/v1", kind: "VirtualService", metadata: { name: "all" } },
  spec: {
    ...{ hosts: ["*"], gateways: ["istio-system/front"] },
    http: [
      {
        route: [{ destination: { host: "app.mesh" } }],
        headers: {
          response: {
            set: {
              "x-left": "%DYNAMIC_METADATA(envoy.filters.http.rbac)%",
              "x-hint": "%DYNAMIC_METADATA(envoy.common:access_log_hint)%",
            },
          },
        },
      },
    ],
  },
};

async function having(...policies: readonly object[]): Promise<void> {
  await bed.take([gateway, telling, ...policies].map((o) => JSON.stringify(o)).join("\n---\n"));
}

async function get(path: string): Promise<{ status: number | undefined; left: Record<string, string>; hint: unknown }> {
  const asked = http.get({ host: bed.ip, port: 8080, path, agent: false });
  const [response] = (await once(asked, "response")) as [http.IncomingMessage];
  response.resume();
  const left = response.headers["x-left"];
  return {
    ...{ status: response.statusCode, hint: response.headers["x-hint"] },
    left: typeof left === "string" && left !== "-" ? (JSON.parse(left) as Record<string, string>) : {},
  };
}

const id = (name: string) => `ns[istio-system]-policy[${name}]-rule[0]`;

test("a dry run of a denial and of an allowance says what they would do, and does nothing", async () => {
  await having(policy("d", "DENY", "/bad", dry), policy("a", "ALLOW", "/good", dry));
  const bad = await get("/bad");
  deepStrictEqual(
    [bad.status, bad.left],
    [
      200,
      {
        istio_dry_run_deny_shadow_effective_policy_id: id("d"),
        istio_dry_run_deny_shadow_engine_result: "denied",
        istio_dry_run_allow_shadow_engine_result: "denied",
      },
    ],
  );
  const good = await get("/good");
  deepStrictEqual(
    [good.status, good.left],
    [
      200,
      {
        istio_dry_run_deny_shadow_engine_result: "allowed",
        istio_dry_run_allow_shadow_effective_policy_id: id("a"),
        istio_dry_run_allow_shadow_engine_result: "allowed",
      },
    ],
  );
  const metrics = await bed.envoy.admin("/stats/prometheus?filter=rbac");
  for (const [action, result] of [
    ["deny", "denied"],
    ["deny", "allowed"],
    ["allow", "denied"],
    ["allow", "allowed"],
  ])
    match(
      metrics,
      new RegExp(`_rbac\\{[^}]*authz_dry_run_action="${action}"[^}]*authz_dry_run_result="${result}"[^}]*\\} 1$`, "m"),
    );
});

test("what was let in names the policy that did, and what is audited is marked", async () => {
  await having(policy("in", "ALLOW", "/in"), policy("seen", "AUDIT", "/in"), policy("out", "DENY", "/out"));
  const { status, left, hint } = await get("/in");
  deepStrictEqual([status, hint], [200, "true"]);
  strictEqual(left["enforced_effective_policy_id"], id("in"));
  strictEqual(left["istio_audit_enforced_effective_policy_id"], id("seen"));
  strictEqual((await get("/out")).status, 403);
  strictEqual((await get("/elsewhere")).status, 403);
  const metrics = await bed.envoy.admin("/stats/prometheus?filter=rbac");
  match(metrics, /_rbac\{[^}]*authz_enforce_result="denied"[^}]*\} 2$/m);
});
