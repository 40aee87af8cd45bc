import { deepStrictEqual, ok, strictEqual } from "node:assert";
import { create, type MessageInitShape, toBinary } from "@bufbuild/protobuf";
import { test } from "vitest";
import type { Discovery, Peer } from "../discovery/discovery.ts";
import { AccessLogType } from "../gen/envoy/data/accesslog/v3/accesslog_pb.js";
import { StreamAccessLogsMessageSchema } from "../gen/envoy/service/accesslog/v3/als_pb.js";
import type { Resource } from "../model/resource.ts";
import { apply, empty } from "../model/snapshot.ts";
import { types } from "../model/types.ts";
import type { Log } from "../std/log.ts";
import { GRPC, type Refusal } from "../xds/grpc.ts";
import { accessRecords } from "./access-records.ts";

const log: Log = { debug() {}, info() {}, warn() {}, error() {}, with: () => log };
const web: Peer = { identity: { trustDomain: "cluster.local", namespace: "shop", serviceAccount: "web" } };

function bed(...objects: Resource[]) {
  const time = { now: 1_000_000 };
  const discovery = {
    snapshot: apply(
      empty,
      objects.map((put) => ({ put })),
    ),
  } as unknown as Discovery;
  const made = accessRecords({
    ...{ discovery: () => discovery, trustDomain: "cluster.local", log },
    clock: { now: () => time.now, after: () => () => {} },
  });
  const open = (peer: Peer) => made.method[1](peer);
  return { ...made, open, time };
}

function message(init: MessageInitShape<typeof StreamAccessLogsMessageSchema>): Uint8Array {
  return toBinary(StreamAccessLogsMessageSchema, create(StreamAccessLogsMessageSchema, init));
}

const node = (pod: string, account: string) => ({
  node: {
    id: `sidecar~10.0.0.1~${pod}.shop~shop.svc.cluster.local`,
    metadata: { SERVICE_ACCOUNT: account, WORKLOAD_NAME: "web", LABELS: { app: "web" } },
  },
  logName: "weft.http",
});

const at = (address: string, port: number) => ({
  address: {
    case: "socketAddress" as const,
    value: { address, portSpecifier: { case: "portValue" as const, value: port } },
  },
});

const denial = {
  logEntries: {
    case: "httpLogs" as const,
    value: {
      logEntry: [
        {
          commonProperties: {
            accessLogType: AccessLogType.DownstreamEnd,
            downstreamDirectRemoteAddress: at("10.0.0.9", 555),
            downstreamLocalAddress: at("10.0.0.1", 8080),
            tlsProperties: {
              tlsVersion: 4,
              peerCertificateProperties: {
                subjectAltName: [{ san: { case: "uri" as const, value: "spiffe://cluster.local/ns/shop/sa/app" } }],
              },
            },
          },
          request: { requestMethod: 1, path: "/orders/17?token=secret", authority: "web" },
          response: {
            responseCode: 403,
            responseCodeDetails: "rbac_access_denied_matched_policy[ns[shop]-policy[no]-rule[0]]",
          },
        },
      ],
    },
  },
};

test("a denial is told with caller, request and rule; a query is not kept", () => {
  const { open, book } = bed();
  const take = open(web);
  ok(typeof take === "function");
  strictEqual(take(message({ identifier: node("web-1", "web"), ...denial })), undefined);
  const [entry] = book.report().entries;
  deepStrictEqual(
    [entry?.what, entry?.source.identity, entry?.method, entry?.path, entry?.policy, entry?.port],
    ["denied", "spiffe://cluster.local/ns/shop/sa/app", "GET", "/orders/{*}", "ns[shop]-policy[no]-rule[0]", 8080],
  );
  deepStrictEqual(entry?.destination, { namespace: "shop", workload: "web", labels: { app: "web" } });
});

test("a proxy cannot tell of another's workload", () => {
  const { open, book } = bed();
  const take = open(web);
  ok(typeof take === "function");
  const refusal = take(message({ identifier: node("cart-1", "cart"), ...denial }));
  strictEqual(refusal?.status, GRPC.permissionDenied);
  deepStrictEqual(book.report().entries, []);
});

/** A Pod as an API server shows it. */
function pod(name: string, app: string, account: string): Resource {
  const owner = { apiVersion: "apps/v1", kind: "ReplicaSet", name: `${app}-v1-7d4`, controller: true };
  return {
    ...{ type: types.Pod, apiVersion: "v1", namespace: "shop", name, annotations: {}, createdAt: 0, generation: 1 },
    labels: { app, "pod-template-hash": "7d4" },
    spec: { serviceAccountName: account },
    data: { metadata: { name, ownerReferences: [owner] } },
    origin: { file: "", line: 1, col: 1, at: "" },
  } as unknown as Resource;
}

test("workload and labels are those of its Pod, not those that it says that it has", () => {
  const { open, book } = bed(pod("web-v1-7d4-x", "web", "web"), pod("bank-v1-7d4-x", "bank", "bank"));
  const take = open(web);
  ok(typeof take === "function");
  const said = node("web-v1-7d4-x", "web");
  const asBank = { ...said.node.metadata, WORKLOAD_NAME: "bank-v1", LABELS: { app: "bank" } };
  strictEqual(
    take(message({ identifier: { ...said, node: { ...said.node, metadata: asBank } }, ...denial })),
    undefined,
  );
  deepStrictEqual(book.report().entries[0]?.destination, {
    ...{ namespace: "shop", workload: "web-v1", labels: { app: "web" } },
  });
});

test("a Pod of another account, and one that is not there, tell nothing", () => {
  const { open, book } = bed(pod("web-v1-7d4-x", "web", "web"), pod("bank-v1-7d4-x", "bank", "bank"));
  for (const name of ["bank-v1-7d4-x", "made-up"]) {
    const take = open(web);
    ok(typeof take === "function");
    strictEqual(take(message({ identifier: node(name, "web"), ...denial }))?.status, GRPC.unavailable);
  }
  deepStrictEqual(book.report().entries, []);
});

test("nobody without an identity tells anything", () => {
  const answer = bed().open({}) as Refusal;
  strictEqual(answer.status, GRPC.unauthenticated);
});

test("a first message without a node, and bytes that are none, end the stream", () => {
  for (const bytes of [message(denial), Buffer.from("no protobuf at all")]) {
    const { open, book } = bed();
    const take = open(web);
    ok(typeof take === "function");
    strictEqual(take(bytes)?.status, GRPC.invalidArgument);
    deepStrictEqual(book.report().entries, []);
  }
});

test("more than can be read is counted and left", () => {
  const { open, book, time } = bed();
  const take = open(web);
  ok(typeof take === "function");
  for (let i = 0; i < 500; i++) take(message(i === 0 ? { identifier: node("web-1", "web"), ...denial } : denial));
  strictEqual(book.report().entries[0]?.count, 401);
  strictEqual(book.report().dropped.messages, 99);
  time.now += 1000;
  take(message(denial));
  strictEqual(book.report().entries[0]?.count, 402);
});
