import type { AccessItem } from "../../../src/api/contract/access.ts";
import type { ConfigDetail, Finding } from "../../../src/api/contract/config.ts";
import type { ProxyState } from "../../../src/api/contract/workloads.ts";
import { bookinfo } from "./bookinfo.ts";
import { bookinfoConfig, reviewsYaml } from "./bookinfo-config.ts";
import type { Scenario } from "./world.ts";

const refusal =
  "Duplicate entry of domain reviews: Only unique values for domains are permitted. Duplicate entry of domain reviews.default.svc.cluster.local:9080 in route 9080|reviews.default.svc.cluster.local";

const badRoute: Finding = {
  code: "IST0101",
  also: ["KIA1107"],
  level: "Error",
  origin: "VirtualService default/reviews",
  at: "reviews.yaml:17:21",
  field: "spec.http[0].route[0].destination.subset",
  message: 'host "reviews" has no subset "v22"',
  fix: 'the DestinationRule (destination-rules.yaml:1) has v1, v2 and v3; write "v2"',
};

const badTimeout: Finding = {
  code: "WEFT0012",
  level: "Error",
  origin: "VirtualService default/reviews",
  at: "reviews.yaml:31:16",
  field: "spec.http[1].timeout",
  message: '"2 seconds" is not a duration',
  fix: 'write "2s" or "250ms"; until then the version of 14:02 stays in force',
};

const unused: Finding = {
  code: "IST0132",
  level: "Warning",
  origin: "DestinationRule default/ratings",
  at: "destination-rules.yaml:32:7",
  field: "spec.subsets[1]",
  message: 'no workload carries the labels of subset "v2-mysql"',
  fix: "start ratings-v2-mysql, or take the subset away",
};

const loose: Finding = {
  code: "WEFT0002",
  level: "Error",
  origin: "half.yaml",
  at: "half.yaml:4:1",
  message: "a tab is used for indentation; YAML needs spaces",
  fix: "replace the tab by two spaces; what the file said before stays in force",
};

const hint: Finding = {
  code: "IST0118",
  level: "Info",
  origin: "Service default/mysqldb",
  at: "mysql.yaml:10:7",
  field: "spec.ports[0].name",
  message: "the port's name does not say its protocol, so it is taken as TCP",
  fix: "name it tcp-mysql or mysql",
};

function withFindings(object: ConfigDetail): ConfigDetail {
  const key = `${object.kind} ${object.name}`;
  if (key === "VirtualService reviews") {
    const yaml = reviewsYaml
      .replace("subset: v2\n    - route", "subset: v22\n    - route")
      .replace("timeout: 2s", "timeout: 2 seconds");
    return { ...object, yaml, diagnostics: [badRoute, badTimeout], proxies: { total: 8, acked: 6 } };
  }
  if (key === "DestinationRule ratings") return { ...object, diagnostics: [unused] };
  if (key === "Service mysqldb") return { ...object, diagnostics: [hint] };
  return object;
}

function refusing(proxy: ProxyState, at: number): ProxyState {
  if (proxy.id.startsWith("productpage-v1-0")) {
    const rds = { sent: 6, acked: 5, error: refusal, origins: ["reviews.yaml:17:21", "reviews-extra.yaml:1:1"] };
    return { ...proxy, sync: "refused", types: { ...proxy.types, RDS: rds } };
  }
  if (proxy.id.startsWith("reviews-v3"))
    return {
      ...proxy,
      sync: "stale",
      types: { ...proxy.types, EDS: { sent: 11, acked: 10 } },
      lastAckAt: at - 190_000,
    };
  if (proxy.id.startsWith("ratings-v2"))
    return { ...proxy, sync: "disconnected", types: {}, certificateExpiresAt: at + 1_500_000, application: "starting" };
  return proxy;
}

/** Who may not call details. */
function access(at: number): readonly AccessItem[] {
  const destination = { namespace: "default", workload: "details-v1", labels: { app: "details" } };
  const base = { destination, port: 9080, protocol: "http" as const, first: at - 3_000_000 };
  const foreign = { identity: "spiffe://cluster.local/ns/default/sa/foreign" };
  const noDelete = { namespace: "default", name: "details-read-only", rule: 0, at: "policies.yaml:12:5" };
  return [
    { ...base, what: "denied", source: foreign, method: "GET", path: "/details/{*}", count: 1204, last: at - 2000 },
    {
      ...{ ...base, what: "denied", method: "DELETE", path: "/details/{*}", count: 3, last: at - 600_000 },
      ...{ source: { identity: "spiffe://cluster.local/ns/default/sa/bookinfo-productpage" }, policy: noDelete },
    },
    {
      ...{ ...base, what: "dry-run", source: foreign, method: "GET", path: "/health", count: 40, last: at - 4000 },
      policy: { namespace: "default", name: "learned-details", rule: 1 },
    },
    {
      ...base,
      what: "plaintext",
      source: { address: "10.0.0.9", workload: "default/old" },
      count: 17,
      last: at - 1000,
    },
  ];
}

/** An edit that Envoy refused, a file that is no YAML, and three proxies that hold something old. */
export const refused: Scenario = (at) => {
  const world = bookinfo(
    {
      health: { "productpage-v1": "degraded", "ratings-v2-mysql": "unknown" },
      sentences: {
        "productpage-v1": "productpage-v1-0 refused its routes and keeps those of 14:02 (reviews.yaml:17)",
        "ratings-v2-mysql": "its proxy has not been heard of for 3 min",
      },
      proxy: refusing,
    },
    at,
    [
      {
        health: "degraded",
        sentence: "productpage-v1-0 refused its routes: two objects name the host reviews (reviews.yaml:17)",
        since: at - 190_000,
        link: "/workloads/default/productpage-v1",
      },
      {
        health: "degraded",
        sentence: "VirtualService reviews points to a subset that does not exist: v22 (reviews.yaml:17)",
        since: at - 190_000,
        link: "/config/VirtualService.networking.istio.io/default/reviews",
      },
      {
        health: "unknown",
        sentence: "ratings-v2-mysql-0 is disconnected",
        since: at - 180_000,
        link: "/workloads/default/ratings-v2-mysql",
      },
    ],
    { config: bookinfoConfig.map(withFindings), loose: [loose] },
  );
  return { ...world, access: access(at), mesh: { ...world.mesh, diagnostics: { errors: 3, warnings: 1, infos: 1 } } };
};
