import { types } from "../../src/model/types.ts";
import type { Dice } from "./dice.ts";
import { type Make, names, namespaces, object } from "./random-object.ts";

const context = (dice: Dice) => dice.one(["ANY", "SIDECAR_INBOUND", "SIDECAR_OUTBOUND", "GATEWAY", undefined]);
const filters = [
  "envoy.filters.http.router",
  "istio.stats",
  "envoy.filters.http.cors",
  "envoy.filters.http.rbac",
  "no.such",
];
const manager = (dice: Dice) => ({
  name: "envoy.filters.network.http_connection_manager",
  subFilter: dice.chance({ name: dice.one(filters) }),
});
const stats = {
  name: "stats",
  typed_config: { "@type": "type.googleapis.com/envoy.extensions.filters.http.grpc_stats.v3.FilterConfig" },
};
const vhost = (dice: Dice) =>
  dice.one([
    undefined,
    { name: `${dice.one(names)}.${dice.one(namespaces)}.svc.cluster.local:80` },
    { domainName: dice.one(names), route: dice.chance({ name: "default", action: dice.one(["ANY", "ROUTE"]) }) },
  ]);
const inserts = ["ADD", "INSERT_FIRST", "INSERT_BEFORE", "INSERT_AFTER"];
const answer = { name: "own", match: { path: "/own" }, direct_response: { status: 204 } };

/** One patch. None takes away what others lead to. */
const patch = (dice: Dice) => {
  const proxy = dice.chance(dice.one([{ proxyVersion: "^1\\.31.*" }, { metadata: { TIER: "gold" } }]), 4);
  const match = { context: context(dice), proxy };
  return dice.one([
    {
      applyTo: "HTTP_FILTER",
      match: {
        ...match,
        listener: { portNumber: dice.chance(dice.one([80, 8080])), filterChain: { filter: manager(dice) } },
      },
      patch: { operation: dice.one([...inserts, "MERGE", "REPLACE"]), value: stats },
    },
    {
      applyTo: "CLUSTER",
      match: { ...match, cluster: dice.chance({ service: `${dice.one(names)}.a.svc.cluster.local` }) },
      patch: {
        operation: dice.one(["MERGE", "MERGE_AND_REPLACE_LIST"]),
        value: { connect_timeout: `${1 + dice.number(3)}s` },
      },
    },
    {
      applyTo: "CLUSTER",
      match,
      patch: { operation: "ADD", value: { name: "added", type: "STATIC", connect_timeout: "1s" } },
    },
    {
      applyTo: dice.one(["VIRTUAL_HOST", "HTTP_ROUTE"]),
      match: { ...match, routeConfiguration: { portNumber: dice.chance(80), vhost: vhost(dice) } },
      patch: { operation: "MERGE", value: { response_headers_to_remove: [`x-${dice.number(3)}`] } },
    },
    {
      applyTo: "HTTP_ROUTE",
      match: { ...match, routeConfiguration: { name: dice.chance(dice.one(["80", "http.8080"])), vhost: vhost(dice) } },
      patch: { operation: dice.one(inserts), value: answer },
    },
    {
      applyTo: "LISTENER",
      match: { ...match, listener: { name: dice.chance(dice.one(["virtualInbound", "0.0.0.0_80"])) } },
      patch: { operation: "MERGE", value: { per_connection_buffer_limit_bytes: 1000 + dice.number(3) } },
    },
  ]);
};

export const envoyFilter: Make = (dice, namespace, name) =>
  object(types.EnvoyFilter, namespace, name, {
    workloadSelector: dice.chance({ labels: { app: dice.one(names) } }),
    priority: dice.chance(dice.number(3)),
    configPatches: dice.one([[patch(dice)], [patch(dice), patch(dice), patch(dice)]]),
  });

const common = (dice: Dice) => ({
  selector: dice.chance({ matchLabels: { app: dice.one(names) } }),
  phase: dice.chance(dice.one(["AUTHN", "AUTHZ", "STATS"])),
  priority: dice.chance(dice.number(3)),
  match: dice.chance([{ mode: dice.one(["CLIENT", "SERVER", undefined]), ports: dice.chance([{ number: 80 }]) }]),
});
const wasm = (dice: Dice) => ({
  url: `https://modules.test/${dice.one(names)}.wasm`,
  failStrategy: dice.chance(dice.one(["FAIL_OPEN", "FAIL_RELOAD"])),
  pluginConfig: dice.chance({ n: dice.number(3) }),
  type: dice.chance("NETWORK", 4),
});

export const wasmPlugin: Make = (dice, namespace, name) =>
  object(types.WasmPlugin, namespace, name, { ...common(dice), ...wasm(dice) });

export const trafficExtension: Make = (dice, namespace, name) =>
  object(types.TrafficExtension, namespace, name, {
    ...common(dice),
    ...dice.one([{ lua: { inlineCode: `-- ${dice.number(3)}` } }, { wasm: wasm(dice) }]),
  });

/** That a module was fetched, or could not be. */
export const wasmModule: Make = (dice, _, name) =>
  object(
    "WasmModule.weft.dev",
    "",
    `@https://modules.test/${name}.wasm`,
    dice.one([{ file: `/m/${dice.number(2)}.wasm` }, { error: "gone" }]),
  );

export const requestAuthentication: Make = (dice, namespace, name) =>
  object(types.RequestAuthentication, namespace, name, {
    selector: dice.chance({ matchLabels: { app: dice.one(names) } }),
    jwtRules: dice.some(["one", "two"]).map((issuer) => ({
      issuer,
      jwks: dice.chance(dice.one(['{"keys": []}', '{"keys": [{"kty": "oct", "k": "AAEC"}]}'])),
      jwksUri: dice.chance(`https://keys.test/${dice.one(names)}`),
      fromHeaders: dice.chance([{ name: "x-token" }]),
    })),
  });

/** Keys of tokens that were fetched, or could not be. */
export const keySet: Make = (dice, _, name) =>
  object(
    "KeySet.weft.dev",
    "",
    `https://keys.test/${name}`,
    dice.one([{}, { keys: `{"keys":[{"kty":"RSA","n":"AA${dice.number(9)}","e":"AQAB"}]}` }]),
  );
